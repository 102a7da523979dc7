"""One stack in a report: its Plan, what was said of it, and the sections that page and comment have alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from berth.plan import Plan
from berth.views import plan_view
from berth.views.common import Violation
from berth.views.losses import Loss, losses
from berth.views.plan_view import level_mark
from berth.views.section import Mark, Section


@dataclass(frozen=True)
class StackReport:
    """One stack in a report."""

    plan: Plan
    violations: Sequence[Violation] = ()
    rules: int = 0
    """How many rules found something to judge."""
    resources: int = 0
    """How many resources they judged."""
    extras: Sequence[Section] = ()
    """What a Plan alone does not say: the difference, the price, the drawings."""
    losses: Sequence[Loss] = ()
    """The data that the difference would lose, the worst first; without a base there is none."""

    @property
    def mark(self) -> Mark:
        """How bad it is: ``bad`` stops, by a mandatory policy or a loss of data that is not accepted."""
        return "bad" if any(not loss.accepted for loss in self.losses) else level_mark(self.violations)

    @property
    def stops(self) -> bool:
        """Whether the stack must not pass."""
        return self.mark == "bad"

    @property
    def sections(self) -> list[Section]:
        """Everything about the stack, the most important first."""
        return [
            *plan_view.services(self.plan),
            *losses(self.losses),
            plan_view.policies(self.plan, self.violations, self.rules, self.resources),
            *plan_view.notices(self.plan),
            *self.extras,
            *plan_view.outputs(self.plan),
            plan_view.resources(self.plan, self.violations),
        ]
