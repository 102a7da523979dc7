"""From names of stacks to estimates: records the Plans and reads the price lists that the commands need."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from berth.cost.candidates import Candidate, compare
from berth.cost.estimator import Estimate, estimate
from berth.cost.pricelist import load_prices, region_of
from berth.cost.usage import Usage
from berth.errors import ConfigError
from berth.record import record_plan


def estimates(stacks: Sequence[str], root: Path, usage: Usage | None = None) -> list[Estimate]:
    """Estimate stacks under the same load, in the order given.

    Args:
        stacks: Their names.
        root: The project's directory.
        usage: The load; the documented defaults if None.

    Raises:
        BerthError: A stack has no Plan, or its region no price list.
    """
    _distinct(stacks)
    plans = [record_plan(stack, root) for stack in stacks]
    return [estimate(plan, load_prices(region_of(plan)), usage) for plan in plans]


def candidates(
    stacks: Sequence[str], root: Path, usage: Usage | None = None, policy_config: Path | None = None
) -> list[Candidate]:
    """Compare stacks under the same load, in the order given.

    Args:
        stacks: Their names.
        root: The project's directory.
        usage: The load; the documented defaults if None.
        policy_config: The policies' configuration, as ``berth preview`` takes it.

    Raises:
        BerthError: A stack has no Plan, or its region no price list.
    """
    # The policies are much to import, and an estimate does without them.
    from berth.judgement import judge_plan

    _distinct(stacks)
    plans = [record_plan(stack, root) for stack in stacks]
    violations = {plan.stack: judge_plan(plan, root, policy_config).violations for plan in plans}
    prices = {plan.stack: load_prices(region_of(plan)) for plan in plans}
    return compare(plans, violations, prices, usage)


def _distinct(stacks: Sequence[str]) -> None:
    twice = sorted({stack for stack in stacks if stacks.count(stack) > 1})
    if twice:
        raise ConfigError(f"Named more than once: {', '.join(twice)}.")
