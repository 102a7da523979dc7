"""What of a Plan a move looks at in AWS: target groups with their weights, and alarms. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from berth.errors import ConfigError
from berth.plan import Mooring, Plan

_TARGET_GROUP = "aws:lb/targetGroup:TargetGroup"
_BALANCER = "aws:lb/loadBalancer:LoadBalancer"
_ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"


@dataclass(frozen=True)
class Watched:
    """A service at the berth that the move leads to."""

    mooring: str
    """Its name."""
    groups: tuple[str, ...]
    """Names of its target groups; none of a worker or a job, at which nobody looks."""
    alarms: tuple[str, ...]
    """Names of its alarms."""


def watched(plan: Plan, berth: str) -> list[Watched]:
    """Return what requests reach at a berth.

    Raises:
        ConfigError: No alarm watches one of them, and nothing would say that it fails.
    """
    found = []
    for mooring in plan.moorings:
        if mooring.berth != berth or not mooring.ways:
            continue
        name = name_of(mooring)
        alarms = tuple(sorted(str(one.inputs["name"]) for one in plan.of_type(_ALARM) if _watches(one.inputs, name)))
        if not alarms:
            raise ConfigError(f"No alarm watches {mooring.service} at {berth}: a move would not see it fail.")
        found.append(Watched(name, tuple(groups(plan, mooring)), alarms))
    return found


def _watches(inputs: Mapping[str, object], mooring: str) -> bool:
    return inputs.get("name") in (f"{mooring}-errors", f"{mooring}-unhealthy")


def name_of(mooring: Mooring) -> str:
    """Return a mooring's name, which its URN ends with."""
    return mooring.urn.rpartition("::")[2]


def groups(plan: Plan, mooring: Mooring) -> dict[str, str]:
    """Return a mooring's target groups: their names in AWS, and those of the ports that lead to them."""
    prefix = name_of(mooring)
    return {
        str(one.inputs["name"]): one.name.removeprefix(prefix).removeprefix("-")
        for one in plan.inside(mooring.urn)
        if one.type == _TARGET_GROUP
    }


def forwards(plan: Plan) -> list[dict[str, int]]:
    """Return the forward actions that the load balancer should have: weights of target groups, by their names."""
    found: dict[tuple[str, str], dict[str, int]] = {}
    for mooring in plan.moorings:
        for group, port in groups(plan, mooring).items():
            found.setdefault((mooring.service, port), {})[group] = mooring.weight
    return list(found.values())


def balancer(plan: Plan) -> str | None:
    """Return the load balancer's name; None of a stack that answers no requests."""
    return next((str(one.inputs["name"]) for one in plan.of_type(_BALANCER)), None)


def drain_seconds(plan: Plan) -> int:
    """Return the longest time that a target which leaves keeps its connections."""
    delays = [one.inputs.get("deregistrationDelay") for one in plan.of_type(_TARGET_GROUP)]
    return max((int(delay) for delay in delays if isinstance(delay, int | float)), default=0)
