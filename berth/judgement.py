"""The policies' judgement of a Plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from berth.answers import answer
from berth.errors import ConfigError
from berth.plan import UNKNOWN, Plan, Secret
from berth.views.common import MANDATORY, Violation
from policy.judge import judge
from policy.rules.config import ConfigError as PackConfigError
from policy.rules.config import PackConfig, is_production, read
from policy.rules.registry import rules_for
from policy.rules.rule import Level

CONFIGURATION = "the policies' configuration"
"""What a report names where the pack's own configuration breaks a rule, and no resource."""


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


def judge_plan(plan: Plan, root: Path, config_file: Path | None = None, today: date | None = None) -> Judgement:
    """Judge ``plan`` with its unknowns, as the pack does at a preview under the CLI.

    Args:
        plan: What is judged.
        root: The project's directory, where the files are that the Plan names: Dockerfiles, charts.
        config_file: The pack's configuration, as ``pulumi preview --policy-pack-config`` takes it.
        today: The day, in UTC, by which exemptions end; by default today.

    Raises:
        ConfigError: The configuration cannot be used.
    """
    pack = _pack_config(config_file)
    active = {
        resource.urn: [
            rule.id for rule in rules_for(resource.type) if pack.levels.get(rule.id, rule.level) is not Level.OFF
        ]
        for resource in plan.resources
    }
    violations = judge(
        plan.resources,
        unknown=UNKNOWN,
        secret=Secret,
        root=root,
        config=pack.settings,
        levels=pack.levels,
        production=is_production(plan.project, plan.config),
        preview=True,
        today=today or datetime.now(UTC).date(),
    )
    resources = {resource.urn: resource for resource in plan.resources}
    return Judgement(
        violations=[
            Violation(
                **vars(found) | {"resource": found.resource or CONFIGURATION},
                answer=answer(found.policy, resources.get(found.resource)),
            )
            for found in violations
        ],
        rules=len({rule for rules in active.values() for rule in rules}),
        resources=sum(bool(rules) for rules in active.values()),
    )


def _pack_config(file: Path | None) -> PackConfig:
    try:
        return read(file) if file else PackConfig()
    except PackConfigError as error:
        raise ConfigError(str(error)) from error
