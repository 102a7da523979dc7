"""Services on machines of an Auto Scaling group, and a program in one of their containers."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, Literal

from berth.live.aws import Aws
from berth.live.commands import on_terminal, require
from berth.live.errors import AbsentError
from berth.live.kubectl import explanation
from berth.live.place import Place
from berth.live.status import Deployment, Status, problems, version
from berth.live.targets import targets

EVENTS: Final = 5
_REFRESHES: Final[Mapping[str, Literal["completed", "failed"]]] = {
    "Successful": "completed",
    "Cancelled": "failed",
    "Failed": "failed",
    "RollbackFailed": "failed",
    "RollbackSuccessful": "failed",
}
"""What an instance refresh has come to (EC2 Auto Scaling API reference, ``InstanceRefresh``); all others go on."""
_ENTER: Final = {
    "machines": "sudo podman exec --interactive --tty {container} {command}",
    "environment": "sudo docker exec --interactive --tty"
    " $(sudo docker ps --quiet --filter label=com.docker.compose.service={container}) {command}",
}
"""How a machine starts a program in a container that runs; both do it as the container's own user."""


def status(aws: Aws, place: Place) -> Status:
    """Return what is known of a service's machines; not present without their group.

    Raises:
        LiveError: AWS cannot be asked.
    """
    found = of_group(aws, place, place.cluster)
    if not found.present:
        return found
    asked = aws.call("autoscaling", "describe_instance_refreshes", AutoScalingGroupName=place.cluster, MaxRecords=1)
    refresh = next(iter(asked["InstanceRefreshes"]), None)
    return replace(found, deployment=_deployment(refresh, place)) if refresh else found


def of_group(aws: Aws, place: Place, group: str) -> Status:
    """Return how many machines of a group are in service, and why others are not."""
    described = aws.call("autoscaling", "describe_auto_scaling_groups", AutoScalingGroupNames=[group])
    known = next(iter(described["AutoScalingGroups"]), None)
    if known is None:
        return Status(place, present=False)
    states = [(one["LifecycleState"], one.get("HealthStatus", "Healthy")) for one in known["Instances"]]
    found = Status(
        place,
        desired=known["DesiredCapacity"],
        running=states.count(("InService", "Healthy")),
        pending=sum(state.startswith("Pending") for state, _ in states),
        targets=targets(aws, place),
    )
    if not problems(found):
        return found
    activities = aws.call("autoscaling", "describe_scaling_activities", AutoScalingGroupName=group, MaxRecords=EVENTS)
    return replace(found, events=tuple(map(_said, activities["Activities"])))


def _deployment(refresh: Mapping[str, Any], place: Place) -> Deployment:
    state: Literal["completed", "in progress", "failed"] = _REFRESHES.get(refresh["Status"], "in progress")
    return Deployment(
        refresh["InstanceRefreshId"],
        state,
        version(place.image) if state == "completed" else "",
        refresh.get("StartTime"),
        refresh.get("StatusReason", "") or refresh["Status"],
    )


def _said(activity: Mapping[str, Any]) -> str:
    """Say what a group did and how it went: ``Launching a new EC2 instance: i-1: Failed, no capacity``. Pure."""
    message = activity.get("StatusMessage")
    return f"{activity['Description']}: {activity['StatusCode']}{f', {message}' if message else ''}"


def instances(aws: Aws, place: Place) -> list[str]:
    """Return the ids of the machines that are there, those of an environment as well."""
    if place.orchestrator == "environment":
        found = aws.call("elasticbeanstalk", "describe_environment_resources", EnvironmentName=place.cluster)
        return [one["Id"] for one in found["EnvironmentResources"]["Instances"]]
    found = aws.call("autoscaling", "describe_auto_scaling_groups", AutoScalingGroupNames=[place.cluster])
    running = [one for group in found["AutoScalingGroups"] for one in group["Instances"]]
    return [one["InstanceId"] for one in running if one["LifecycleState"] == "InService"]


def on_machine(aws: Aws, place: Place, container: str, command: str, tell: Callable[[str], None]) -> int:
    """Run a command in a container by Session Manager, on this terminal, as the container's own user.

    Args:
        aws: who is asked.
        place: the service.
        container: name of the container.
        command: what runs there.
        tell: is told which machine it is.

    Returns:
        The exit code of the ``aws`` command, which does not hand on the program's own.

    Raises:
        LiveError: A command is missing, no machine runs, or AWS refuses.
    """
    require("aws", "session-manager-plugin")
    running = instances(aws, place)
    if not running:
        raise AbsentError(f"No machine of {place} runs now; `berth status` says why.")
    tell(f"{place}, machine {running[0]}, container {container}")
    words = session(running[0], entering(place, container, command), aws)
    code, complaint = on_terminal(words, aws.access, complaints=True)
    if code and complaint:
        raise explanation(complaint, aws.access, place.cluster)
    return code


def entering(place: Place, container: str, command: str) -> str:
    """Return the machine's command that starts a program in a container. Pure."""
    return _ENTER[place.orchestrator].format(container=shlex.quote(container), command=command)


def session(instance: str, command: str, aws: Aws) -> Sequence[str]:
    """Return the command that runs a machine's command on this terminal."""
    return [
        *("aws", "ssm", "start-session", "--target", instance, *aws.access.options),
        *("--document-name", "AWS-StartInteractiveCommand"),
        *("--parameters", json.dumps({"command": [command]})),
    ]
