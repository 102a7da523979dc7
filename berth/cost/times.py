"""How long resources take to create: the longest chain of them is the least that ``up`` takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from berth.plan import Plan, Resource

ESTIMATE: Final = "estimate"
"""Source of a time that no page states."""


@dataclass(frozen=True)
class Creation:
    """Minutes that creating one resource typically takes, from fast to slow."""

    low: float
    high: float
    source: str = ESTIMATE
    """URL of the page that states it, or ``ESTIMATE``."""


CREATION_TIMES: Final[Mapping[str, Creation]] = {
    "aws:apigatewayv2/vpcLink:VpcLink": Creation(2, 4),
    "aws:autoscaling/group:Group": Creation(1, 2),
    "aws:ec2/natGateway:NatGateway": Creation(1.5, 2.5),
    "aws:ec2/vpcEndpoint:VpcEndpoint": Creation(0.2, 1.5),
    "aws:ecs/cluster:Cluster": Creation(0.2, 0.4),
    "aws:ecs/service:Service": Creation(2, 4),
    "aws:eks/addon:Addon": Creation(0.5, 2),
    "aws:iam/instanceProfile:InstanceProfile": Creation(0.1, 0.3),
    "aws:lb/loadBalancer:LoadBalancer": Creation(2, 3),
    "aws:rds/instance:Instance": Creation(5, 10),
    "docker:index/image:Image": Creation(1, 4),
    "eks:index:Cluster": Creation(10, 15, "https://pulumi.com/registry/packages/aws/how-to-guides/aws-cs-eks/"),
    "kubernetes:apps/v1:Deployment": Creation(1.5, 3),
}
"""Type token to its time; what is not here takes ``SHORT`` or no time."""

SHORT: Final = Creation(0.05, 0.2)
"""What most resources of a cloud take: seconds."""
NO_TIME: Final = Creation(0, 0)
_WITHOUT_CALLS: Final = ("pulumi", "random")


@dataclass(frozen=True)
class Chain:
    """The longest chain of resources that wait for each other."""

    low: float
    """Minutes if each of them is fast."""
    high: float
    """Minutes if each of them is slow."""
    resources: tuple[Resource, ...]
    """From the first to the last."""


def creation_of(resource: Resource) -> Creation:
    """Return how long a resource takes; components and what exists already take no time."""
    if resource.external or not (resource.custom or resource.remote):
        return NO_TIME
    if resource.type.split(":", 1)[0] in _WITHOUT_CALLS:
        return NO_TIME
    return CREATION_TIMES.get(resource.type, SHORT)


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
