"""Rules on who may do what."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from ..evaluate import each
from ..rule import Check, Config, Finding, Level, NotApplicable, Resource, Rule, Severity, Stack, StackRule, controls
from ..values import Field, UnknownInput
from .documents import Statement, several, statements

_ROLE: Final = "aws:iam/role:Role"
_HOLDERS: Final = frozenset(
    {
        _ROLE,
        "aws:iam/policy:Policy",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:iam/userPolicy:UserPolicy",
        "aws:iam/groupPolicy:GroupPolicy",
    }
)


def _statement_check(check: Callable[[Statement], Iterable[Finding]]) -> Check:
    """Make a rule's check of one that looks at each statement of an identity's policies by itself."""

    def document(field: Field) -> Iterator[Finding]:
        yield from each(statements(field), check)

    def run(resource: Resource, config: Config) -> Iterator[Finding]:
        if resource.type != _ROLE:
            yield from document(resource.inputs.at("policy"))
            return
        # A role's policies are mostly resources of their own.
        inline = resource.inputs.at("inlinePolicies").items()
        if not inline:
            raise NotApplicable
        yield from each([one.at("policy") for one in inline], document)

    return run


def _star(statement: Statement) -> Iterator[Finding]:
    if not statement.allows():
        return
    action = statement.any_action()
    if action is not None and statement.any_resource():
        yield Finding.at(action, "the actions that are needed, by name")


NO_STAR = Rule(
    id="aws-iam-no-star",
    description="No IAM policy allows all actions, or all but some, on all resources.",
    remediation="Name the actions, and the resources they are for.",
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    frameworks=controls(config="iam-policy-no-statements-with-admin-access", hub="IAM.1", cis="1.15", well="SEC3"),
    applies=_HOLDERS.__contains__,
    check=_statement_check(_star),
)


def _service_star(statement: Statement) -> Iterator[Finding]:
    if statement.allows():
        for action in statement.all_of_a_service():
            yield Finding.at(action, "the actions that are needed, by name")


NO_SERVICE_STAR = Rule(
    id="aws-iam-no-service-star",
    description="No IAM policy allows all actions of a service.",
    remediation="Name the actions that are needed.",
    # On one bucket or one key it can be just what is meant.
    level=Level.ADVISORY,
    severity=Severity.LOW,
    frameworks=controls(config="iam-policy-no-statements-with-full-access", hub="IAM.21", well="SEC3"),
    applies=_HOLDERS.__contains__,
    check=_statement_check(_service_star),
)

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


def _administrator(resource: Resource, stack: Stack, config: Config) -> Iterator[Finding]:
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


NO_ADMINISTRATOR = StackRule(
    id="aws-iam-no-administrator",
    description="No role, user or group is given a policy of AWS's that allows everything.",
    remediation="Attach a policy that names the actions that are needed.",
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    frameworks=controls(config="iam-policy-blacklisted-check", well="SEC3"),
    applies=_PLACES.__contains__,
    check=_administrator,
    config={
        "forbidden": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Names of AWS's policies that nobody may be given.",
            "default": list(_ALL_RIGHTS),
        }
    },
)
