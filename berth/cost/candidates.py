"""Stacks to choose from, under the same load."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from berth.cost.estimator import Estimate, estimate
from berth.cost.pricelist import PriceList
from berth.cost.times import Chain, longest_chain
from berth.cost.usage import Usage
from berth.plan import Plan
from berth.views.common import Violation


@dataclass(frozen=True)
class Candidate:
    """One stack of a comparison."""

    plan: Plan
    violations: Sequence[Violation]
    estimate: Estimate
    chain: Chain
    """Its longest chain: the least minutes that ``up`` of the whole stack takes."""


def compare(
    plans: Sequence[Plan],
    violations: Mapping[str, Sequence[Violation]],
    prices: Mapping[str, PriceList],
    usage: Usage | None = None,
) -> list[Candidate]:
    """Compare stacks, in the order given, under the same load; ``violations`` and ``prices`` are by stack."""
    return [
        Candidate(plan, violations[plan.stack], estimate(plan, prices[plan.stack], usage), longest_chain(plan))
        for plan in plans
    ]
