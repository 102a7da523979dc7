"""From names of stacks to estimates: records the Plans and reads the price lists that the commands need."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from berth.cost.candidates import Candidate, compare
from berth.cost.estimator import Estimate, estimate
from berth.cost.pricelist import load_prices, region_of
from berth.cost.usage import Usage
from berth.errors import ConfigError
from berth.plan import Plan
from berth.record import record_plan


def estimates(stacks: Sequence[str], root: Path, usage: Usage | None = None) -> list[Estimate]:
    """Estimate stacks under the same load, the documented defaults if None, in the order given.

    Raises:
        BerthError: A stack has no Plan, or its region no price list.
    """
    return [estimate(plan, load_prices(region_of(plan)), usage) for plan in _plans(stacks, root)]


def candidates(
    stacks: Sequence[str], root: Path, usage: Usage | None = None, policy_config: Path | None = None
) -> list[Candidate]:
    """Compare stacks under the same load, judged as ``berth preview`` does; as ``estimates`` otherwise."""
    # The policies are much to import, and an estimate does without them.
    from berth.judgement import judge_plan

    plans = _plans(stacks, root)
    violations = {plan.stack: judge_plan(plan, root, policy_config).violations for plan in plans}
    return compare(plans, violations, {plan.stack: load_prices(region_of(plan)) for plan in plans}, usage)


def _plans(stacks: Sequence[str], root: Path) -> list[Plan]:
    if twice := sorted({stack for stack in stacks if stacks.count(stack) > 1}):
        raise ConfigError(f"Named more than once: {', '.join(twice)}.")
    return [record_plan(stack, root) for stack in stacks]
