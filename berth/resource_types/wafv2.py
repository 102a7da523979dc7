"""WAF."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from berth.plan import Resource
from berth.resource_types.charges import MILLION, Charge, Charges, Context, items
from berth.resource_types.prices import Selector, selector
from berth.resource_types.resource_type import Free, In, ResourceType, forces


def web_acl(resource: Resource, context: Context) -> Charges:
    """Charge a web ACL, its rules and the requests it inspects; AWS's basic rule groups count as a rule each."""
    usage = context.usage
    rules = len(items(resource.inputs.get("rules")))
    yield Charge("web ACL", "waf.acl", usage.months)
    if rules:
        yield Charge(f"{rules} rules", "waf.rule", rules * usage.months)
    yield Charge("requests", "waf.requests", usage.requests / MILLION / context.count(resource.type))


TYPES: Final = (
    ResourceType(
        "aws:wafv2/webAcl:WebAcl",
        web_acl,
        In("waf", None),
        replaced_by=forces("name namePrefix scope", "wafv2:UpdateWebACL"),
        calls="wafv2: CreateWebACL DeleteWebACL TagResource UntagResource UpdateWebACL",
    ),
    ResourceType(
        "aws:wafv2/webAclAssociation:WebAclAssociation",
        Free("part of the web ACL"),
        In("waf", None),
        replaced_by=forces("*", "wafv2:AssociateWebACL"),
        calls="elasticloadbalancing: SetWebAcl; wafv2: AssociateWebACL DisassociateWebACL",
    ),
)

PRICES: Final[Mapping[str, Selector]] = {
    "waf.acl": selector("awswaf", "WebACLV2"),
    "waf.rule": selector("awswaf", "RuleV2"),
    "waf.requests": selector("awswaf", "RequestV2-Tier1", factor=MILLION),
}
