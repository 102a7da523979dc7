"""The policies' judgement of a Plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from berth.plan import UNKNOWN, Plan, Secret
from berth.views.common import MANDATORY, Violation
from policy.judge import judge
from policy.rules.model import Level
from policy.rules.registry import rules_for


@dataclass(frozen=True)
class Judgement:
    """What the pack says, and how much it looked at."""

    violations: Sequence[Violation]
    rules: int
    """How many rules found something to judge."""
    resources: int
    """How many resources they judged."""

    @property
    def stops(self) -> bool:
        """Whether a mandatory rule is broken."""
        return any(violation.level == MANDATORY for violation in self.violations)


def judge_plan(plan: Plan, root: Path) -> Judgement:
    """Judge ``plan`` with its unknowns, as the pack does at a preview under the CLI."""
    active = {
        resource.urn: [rule.id for rule in rules_for(resource.type) if rule.level is not Level.OFF]
        for resource in plan.resources
    }
    return Judgement(
        violations=judge(plan.resources, unknown=UNKNOWN, secret=Secret, root=root),
        rules=len({rule for rules in active.values() for rule in rules}),
        resources=sum(bool(rules) for rules in active.values()),
    )
