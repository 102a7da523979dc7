"""What the load balancer and the alarms of a stack say, read from AWS."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from berth.live.aws import Aws
from berth.live.errors import AbsentError
from berth.move.watch import Watched
from components.rooms.edge.routes import BERTH_HEADER

_ALARMS_AT_ONCE: Final = 100
"""Names in one call (CloudWatch API reference, ``DescribeAlarms``)."""
_WELL: Final = ("healthy", "unavailable")
"""``unavailable``: the group's health checks are off, as a function's may be."""


def wrong_weights(aws: Aws, balancer: str, wanted: Sequence[Mapping[str, int]]) -> list[str]:
    """Return where the load balancer's weights are not those that the stack file gave; nothing where all are.

    Raises:
        LiveError: AWS cannot be asked.
    """
    found = list(_forwards(aws, balancer))
    problems = []
    for weights in wanted:
        meant = [one for one in found if one.keys() & weights.keys()]
        if not meant:
            problems.append(f"Nothing forwards to {', '.join(sorted(weights))}.")
        problems += [
            f"The load balancer has {_text(one)}, and not {_text(weights)}." for one in meant if one != dict(weights)
        ]
    return problems


def _text(weights: Mapping[str, int]) -> str:
    return ", ".join(f"{weight} for {name}" for name, weight in sorted(weights.items()))


def _forwards(aws: Aws, balancer: str) -> Iterator[dict[str, int]]:
    """Yield the forward actions of all rules, the default ones included, by the names of their target groups."""
    [there] = aws.call("elbv2", "describe_load_balancers", Names=[balancer])["LoadBalancers"]
    for listener in _pages(aws, "describe_listeners", "Listeners", LoadBalancerArn=there["LoadBalancerArn"]):
        for rule in _pages(aws, "describe_rules", "Rules", ListenerArn=listener["ListenerArn"]):
            named = [one.get("HttpHeaderConfig", {}).get("HttpHeaderName", "") for one in rule["Conditions"]]
            if BERTH_HEADER in map(str.lower, named):
                continue
            for action in rule["Actions"]:
                if groups := action.get("ForwardConfig", {}).get("TargetGroups"):
                    yield {one["TargetGroupArn"].split("/")[1]: one["Weight"] for one in groups}


def _pages(aws: Aws, operation: str, key: str, **arguments: Any) -> Iterator[Any]:
    while True:
        page = aws.call("elbv2", operation, **arguments)
        yield from page[key]
        if not (marker := page.get("NextMarker")):
            return
        arguments["Marker"] = marker


def unready(aws: Aws, watched: Sequence[Watched]) -> list[str]:
    """Return why the berth cannot take requests yet: each target group needs targets, all well, and each alarm data.

    An alarm that is still on from before would end the next step at once, and one without data sees nothing.

    Raises:
        LiveError: AWS cannot be asked.
    """
    problems = []
    for one in watched:
        for group in one.groups:
            states = [state for _, state, _ in _targets(aws, group) if state != "draining"]
            well = sum(state in _WELL for state in states)
            if not states:
                problems.append(f"{one.mooring} has no target yet.")
            elif well < len(states):
                problems.append(f"{one.mooring}: {well} of {len(states)} targets are healthy.")
    for name, alarm in _alarms(aws, watched).items():
        if alarm.get("StateValue") != "OK":
            problems.append(f"The alarm {name} is {alarm.get('StateValue', 'not there')}.")
    return problems


def unwell(aws: Aws, watched: Sequence[Watched]) -> list[str]:
    """Return why the berth must not have requests: an alarm that fires, or a target group's health.

    A target that only starts or leaves is no reason: deployments and scaling go on. An alarm that is not there is one.

    Raises:
        LiveError: AWS cannot be asked.
    """
    problems = []
    for one in watched:
        for group in one.groups:
            targets = _targets(aws, group)
            problems += [
                f"The load balancer finds {target} of {one.mooring} unhealthy: {why or 'no reason is given'}"
                for target, state, why in targets
                if state.startswith("unhealthy")
            ]
            if not any(state in _WELL for _, state, _ in targets):
                problems.append(f"{one.mooring} has no healthy target.")
    for name, alarm in _alarms(aws, watched).items():
        if not alarm:
            problems.append(f"The alarm {name} is not there.")
        elif alarm["StateValue"] == "ALARM":
            problems.append(f"The alarm {name} fires: {alarm.get('StateReason') or 'no reason is given'}")
    return problems


def _alarms(aws: Aws, watched: Sequence[Watched]) -> dict[str, Mapping[str, Any]]:
    """Return the alarms by their names; one that is not there is empty."""
    names = [name for one in watched for name in one.alarms]
    found: dict[str, Mapping[str, Any]] = {name: {} for name in names}
    for first in range(0, len(names), _ALARMS_AT_ONCE):
        asked = names[first : first + _ALARMS_AT_ONCE]
        answer = aws.call("cloudwatch", "describe_alarms", AlarmNames=asked, MaxRecords=_ALARMS_AT_ONCE)
        found.update({one["AlarmName"]: one for one in answer["MetricAlarms"]})
    return found


def _targets(aws: Aws, group: str) -> list[tuple[str, str, str]]:
    """Return a target group's targets: id, state and the reason for it; none of a group that is not there."""
    try:
        [there] = aws.call("elbv2", "describe_target_groups", Names=[group])["TargetGroups"]
    except AbsentError:
        return []
    found = aws.call("elbv2", "describe_target_health", TargetGroupArn=there["TargetGroupArn"])
    return [
        (one["Target"]["Id"], health["State"], health.get("Description") or health.get("Reason", ""))
        for one in found["TargetHealthDescriptions"]
        for health in [one["TargetHealth"]]
    ]
