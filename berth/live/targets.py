"""What the load balancer thinks of a mooring's targets."""

from __future__ import annotations

from berth.live.aws import Aws
from berth.live.errors import AbsentError
from berth.live.place import Place
from berth.live.status import Target


def targets(aws: Aws, place: Place) -> tuple[Target, ...]:
    """Return the targets of all the mooring's groups; none of groups that are not there.

    Raises:
        LiveError: AWS cannot be asked.
    """
    found = []
    for name in place.target_groups:
        try:
            groups = aws.call("elbv2", "describe_target_groups", Names=[name])["TargetGroups"]
        except AbsentError:
            continue
        for group in groups:
            described = aws.call("elbv2", "describe_target_health", TargetGroupArn=group["TargetGroupArn"])
            for one in described["TargetHealthDescriptions"]:
                health = one["TargetHealth"]
                address = f"{one['Target']['Id']}:{one['Target'].get('Port', group.get('Port'))}"
                found.append(Target(address, health["State"], health.get("Description") or health.get("Reason", "")))
    return tuple(sorted(found, key=lambda one: one.id))
