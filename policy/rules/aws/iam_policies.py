"""Where the policies of identities stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from ..evaluate import each
from ..model import Check, Config, Finding, NotApplicable, Resource
from ..values import Field
from .documents import Statement, statements

_ROLE: Final = "aws:iam/role:Role"
HOLDERS: Final = frozenset(
    {
        _ROLE,
        "aws:iam/policy:Policy",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:iam/userPolicy:UserPolicy",
        "aws:iam/groupPolicy:GroupPolicy",
    }
)


def statement_check(check: Callable[[Statement], Iterable[Finding]]) -> Check:
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
