"""Stacks beside each other: size, findings, price, time to create, and what they cannot do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from berth.cost.estimator import Estimate, estimate
from berth.cost.limits import LIMITS, Limit, backend_of
from berth.cost.pricelist import PriceList
from berth.cost.times import Chain, longest_chain
from berth.cost.usage import Usage
from berth.plan import Plan
from berth.views.common import MANDATORY, Violation, by_severity, counts, created


@dataclass(frozen=True)
class Candidate:
    """One stack of a comparison."""

    stack: str
    backend: str | None
    """The backend it runs on; None if its outputs name none."""
    resources: int
    """Resources that it creates, without components."""
    packages: Mapping[str, int]
    """Package to how many of them are its; sorted."""
    mandatory: int
    """Violations of mandatory policies."""
    advisory: int
    """Violations of advisory policies."""
    severities: Mapping[str, int]
    """How bad they are: severity to how many, the worst first."""
    estimate: Estimate
    chain: Chain
    """Its longest chain: the least minutes that ``up`` of the whole stack takes."""
    limits: Sequence[Limit]
    """What its backend cannot do; empty for a backend that is not in the table."""


@dataclass(frozen=True)
class Comparison:
    """Several stacks under the same load."""

    candidates: Sequence[Candidate]


def compare(
    plans: Sequence[Plan],
    violations: Mapping[str, Sequence[Violation]],
    prices: Mapping[str, PriceList],
    usage: Usage | None = None,
) -> Comparison:
    """Compare stacks, in the order given.

    Args:
        plans: The stacks.
        violations: Stack to what the policies say against it (``judge_plan(...).violations``).
        prices: Stack to the price list of its region.
        usage: The load, the same for all; the documented defaults if None.
    """
    usage = usage or Usage()
    return Comparison(tuple(_candidate(plan, violations[plan.stack], prices[plan.stack], usage) for plan in plans))


def _candidate(plan: Plan, violations: Sequence[Violation], prices: PriceList, usage: Usage) -> Candidate:
    backend = backend_of(plan)
    mandatory = sum(violation.level == MANDATORY for violation in violations)
    return Candidate(
        stack=plan.stack,
        backend=backend,
        resources=len(created(plan.resources)),
        packages=dict(sorted(counts(plan.resources))),
        mandatory=mandatory,
        advisory=len(violations) - mandatory,
        severities=by_severity(violations),
        estimate=estimate(plan, prices, usage),
        chain=longest_chain(plan),
        limits=LIMITS.get(backend or "", ()),
    )
