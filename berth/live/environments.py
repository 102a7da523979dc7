"""Services that are environments of Elastic Beanstalk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, Literal

from berth.live import machines
from berth.live.aws import Aws
from berth.live.place import Place
from berth.live.status import Deployment, Status, problems

EVENTS: Final = 5
_STATES: Final[Mapping[str, Literal["completed", "in progress"]]] = {"Ready": "completed"}
"""What an environment is (Elastic Beanstalk API reference, ``EnvironmentDescription``); all others are on the way."""


def status(aws: Aws, place: Place) -> Status:
    """Return what is known of an environment and its machines; not present where it ended.

    Raises:
        LiveError: AWS cannot be asked.
    """
    described = aws.call(
        "elasticbeanstalk", "describe_environments", EnvironmentNames=[place.cluster], IncludeDeleted=False
    )
    known = next(iter(described["Environments"]), None)
    if known is None:
        return Status(place, present=False)
    resources = aws.call("elasticbeanstalk", "describe_environment_resources", EnvironmentName=place.cluster)
    groups = resources["EnvironmentResources"]["AutoScalingGroups"]
    found = machines.of_group(aws, place, groups[0]["Name"]) if groups else Status(place)
    found = replace(found, deployment=_deployment(known))
    if not problems(found):
        return found
    events = aws.call(
        "elasticbeanstalk", "describe_events", EnvironmentName=place.cluster, Severity="WARN", MaxRecords=EVENTS
    )
    return replace(found, events=(*(one["Message"] for one in events["Events"]), *found.events))


def _deployment(environment: Mapping[str, Any]) -> Deployment:
    state: Literal["completed", "in progress", "failed"] = _STATES.get(environment["Status"], "in progress")
    if state == "completed" and environment.get("Health") == "Red":
        state = "failed"
    return Deployment(
        environment.get("VersionLabel", ""),
        state,
        environment.get("VersionLabel", ""),
        environment.get("DateUpdated"),
        f"Elastic Beanstalk finds it {environment.get('Health', 'Grey')}",
    )
