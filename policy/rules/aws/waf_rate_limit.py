"""A web ACL stops whoever asks too often."""

from collections.abc import Iterator

from ..model import Config, Finding, Level, NotApplicable, Resource, Rule, Severity
from ..values import Field
from .shared import given


def _limits(rule: Field) -> bool:
    return given(rule.at("statement", "rateBasedStatement")) and not given(rule.at("action", "count"))


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    if given(resource.inputs.at("ruleJson")):
        raise NotApplicable  # a document of AWS's own, in another spelling
    rules = resource.inputs.at("rules")
    if not any(_limits(rule) for rule in rules.items()):
        yield Finding.at(rules, "a rule with a rateBasedStatement that blocks", found="without a rate limit")


RULE = Rule(
    id="aws-waf-rate-limit",
    description="Every web ACL limits how often one client may ask.",
    remediation="Add a rule with a rateBasedStatement whose action blocks.",
    # What stands before it may limit already, as the throttling of an API does.
    level=Level.ADVISORY,
    severity=Severity.LOW,
    frameworks=(
        "AWS Config: wafv2-webacl-not-empty",
        "AWS Security Hub: WAF.10",
        "Well-Architected: Security (SEC 5)",
        "Well-Architected: Reliability (REL 5)",
    ),
    applies="aws:wafv2/webAcl:WebAcl".__eq__,
    check=_check,
)
