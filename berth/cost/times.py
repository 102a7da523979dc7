"""How long resources take to create: the longest chain of them is the least that ``up`` takes."""

from __future__ import annotations

from dataclasses import dataclass

from berth.plan import Plan, Resource
from berth.resource_types import known
from berth.resource_types.resource_type import NO_TIME, SHORT, Minutes


@dataclass(frozen=True)
class Chain:
    """The longest chain of resources that wait for each other."""

    low: float
    """Minutes if each of them is fast."""
    high: float
    """Minutes if each of them is slow."""
    resources: tuple[Resource, ...]
    """From the first to the last."""


def creation_of(resource: Resource) -> Minutes:
    """Return how long a resource takes; components and what exists already take no time."""
    if resource.external or not (resource.custom or resource.remote):
        return NO_TIME
    kind = known(resource.type)
    return kind.minutes if kind else SHORT


def longest_chain(plan: Plan) -> Chain:
    """Return the chain of dependencies that takes longest; the engine creates everything beside it meanwhile."""
    by_urn = {resource.urn: resource for resource in plan.resources}
    best: dict[str, Chain] = {}

    # A stack of its own instead of recursion: a generated program may chain more than Python's thousand frames.
    for start in sorted(by_urn):
        stack = [start]
        open_: set[str] = set()
        while stack:
            urn = stack[-1]
            if urn in best:
                stack.pop()
                continue
            open_.add(urn)
            waits = [other for other in by_urn[urn].dependencies if other in by_urn and other != urn]
            missing = [other for other in waits if other not in best and other not in open_]
            if missing:
                stack += missing
                continue
            stack.pop()
            before = max((best[other] for other in waits if other in best), key=_order, default=None)
            own = creation_of(by_urn[urn])
            best[urn] = Chain(
                own.low + (before.low if before else 0),
                own.high + (before.high if before else 0),
                (*(before.resources if before else ()), by_urn[urn]),
            )
    return max(best.values(), key=_order, default=Chain(0, 0, ()))


def _order(chain: Chain) -> tuple[float, float, tuple[str, ...]]:
    return (chain.high, chain.low, tuple(resource.urn for resource in chain.resources))
