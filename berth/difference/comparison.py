"""All that the views show of two revisions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from berth.difference.base import Base
from berth.difference.codec import seal
from berth.difference.compare import difference
from berth.difference.findings import Findings, compare_findings
from berth.difference.losses import loss
from berth.difference.outcome import Difference
from berth.plan import Plan
from berth.views.common import Violation
from berth.views.losses import Loss


@dataclass(frozen=True)
class Comparison:
    """The stack at a revision, and as it is now."""

    stack: str
    base: str
    """The revision, as a reader knows it."""
    difference: Difference
    findings: Findings
    notices: Sequence[str] = ()
    """What a reader should know before the rest."""
    accepted: Collection[str] = ()
    """Names of losses of data that a person has accepted."""

    @property
    def losses(self) -> list[Loss]:
        """The data that would be lost, the worst first."""
        changes = [change for change in self.difference.resources if change.loses]
        return [loss(change, self.stack, self.accepted) for change in changes]

    @property
    def stops(self) -> bool:
        """Whether a mandatory rule is newly broken, or data lost without acceptance."""
        return self.findings.stops or any(not item.accepted for item in self.losses)


def compared(base: Base, head: Plan, violations: Sequence[Violation], accepted: Collection[str] = ()) -> Comparison:
    """Compare ``base`` with the working tree's Plan, the policies' findings in it, and the accepted losses' names."""
    return Comparison(
        accepted=frozenset(accepted),
        stack=head.stack,
        base=base.revision.short,
        difference=difference(base.plan, seal(head, base.salt)),
        findings=compare_findings(base.violations, violations),
        notices=base.notices,
    )
