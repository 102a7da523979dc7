"""Nobody is given AWS's administrator policy."""

import re
from collections.abc import Iterator
from typing import Final

from ..model import Config, Finding, Level, NotApplicable, Resource, Severity, Stack, StackRule
from ..values import Field, UnknownInput
from .documents import several

_ROLE: Final = "aws:iam/role:Role"
_WHO: Final = ("role", "user", "group")
# Where each type of resource names the policies that it attaches.
_PLACES: Final = {
    _ROLE: "managedPolicyArns",
    "aws:iam/policyAttachment:PolicyAttachment": "policyArn",
    **{f"aws:iam/{who}PolicyAttachment:{who.title()}PolicyAttachment": "policyArn" for who in _WHO},
    **{
        f"aws:iam/{who}PolicyAttachmentsExclusive:{who.title()}PolicyAttachmentsExclusive": "policyArns" for who in _WHO
    },
}
_OWN_POLICY: Final = "aws:iam/policy:Policy"
_OF_AWS: Final = re.compile(r"arn:[^:]+:iam::aws:policy/(?:.*/)?([^/]+)")
# Who may change all rights may give himself the rest.
_ALL_RIGHTS: Final = ("AdministratorAccess", "IAMFullAccess")


def _check(resource: Resource, stack: Stack, config: Config) -> Iterator[Finding]:
    key = _PLACES[resource.type]
    place = resource.inputs.at(key)
    forbidden = config.get("forbidden", _ALL_RIGHTS)
    owned = {policy.urn for policy in stack.of_type(_OWN_POLICY)}.intersection(resource.references.get(key, ()))
    attached = _attached(place)
    if not attached and resource.type == _ROLE:
        raise NotApplicable  # a role's policies are mostly resources of their own
    for one in attached:
        try:
            match = _OF_AWS.fullmatch(one.text() or "")
        except UnknownInput as error:
            # The ARN of a policy that this stack makes is unknown before it exists, and is not AWS's.
            if not owned:
                yield Finding.unreadable(error)
        else:
            if match and match[1] in forbidden:
                yield Finding.at(one, "a policy with the actions that are needed", found=match[1])


def _attached(place: Field) -> list[Field]:
    try:
        return several(place)
    except UnknownInput:
        return [place]


RULE = StackRule(
    id="aws-iam-no-administrator",
    description="No role, user or group is given a policy of AWS's that allows everything.",
    remediation="Attach a policy that names the actions that are needed.",
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    frameworks=("AWS Config: iam-policy-blacklisted-check", "Well-Architected: Security (SEC 3)"),
    applies=_PLACES.__contains__,
    check=_check,
    config={
        "forbidden": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Names of AWS's policies that nobody may be given.",
            "default": list(_ALL_RIGHTS),
        }
    },
)
