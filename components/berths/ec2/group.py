"""A service's machines: their auto scaling group, how they stand to each other, and what makes more of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from components.berths.ec2.settings import Ec2Settings, PlacementSettings
from components.ground import Ground
from components.mooring import Mooring
from components.service.spec import Scale

HOOK: Final = "launch"
"""Name of the lifecycle hook that a machine answers once its service runs."""
START_SECONDS: Final = 900
"""Time that a machine has to start its service in."""
SETTLE_SECONDS: Final = 60
"""Time after its start in which a machine is neither measured nor judged."""
LAUNCH_FIRST: Final[Any] = {"min_healthy_percentage": 100, "max_healthy_percentage": 150}
"""Replacing starts new machines first."""


def identity(placement: PlacementSettings | None, kind: str, scale: Scale) -> str:
    """Return what a placement group's name, and that of the machines in it, ends with; empty without one.

    A placement group cannot be changed. A cluster has room for all its machines for sure only if they are launched
    together, so another type or number of them is another group, with new machines in it before the old ones end.
    """
    if placement is None:
        return ""
    size = [kind, scale.fewest, scale.greatest] if placement.strategy == "cluster" else []
    words = json.dumps([placement.strategy, placement.partitions, *size])
    return f"-{hashlib.sha256(words.encode()).hexdigest()[:8]}"


def group_name(mooring: Mooring, settings: Ec2Settings) -> str:
    """Return the name of a mooring's auto scaling group."""
    return mooring.name + identity(settings.placement, settings.instance_type, mooring.spec.scale)


def machines(
    ground: Ground,
    mooring: Mooring,
    settings: Ec2Settings,
    template: aws.ec2.LaunchTemplate,
    revision: dict[str, pulumi.Output[str]],
    ready: Sequence[pulumi.Resource],
) -> aws.autoscaling.Group:
    """Create the group, with a policy for each metric and an action for each schedule.

    A new launch template, or another value of ``revision``, replaces the machines: new ones first, and back to the old
    version by itself when they do not start. AWS undoes only what names an image and a version of the template, and no
    alias of either (EC2 Auto Scaling user guide, "Undo changes with a manual or auto rollback").

    Args:
        ground: what every room and berth stands on.
        mooring: the service, its target groups and what forwards to them.
        settings: the berth's own.
        template: what each machine is made from.
        revision: words that are others when values changed that a machine reads at its start.
        ready: what must exist before a machine can start.
    """
    name, scale = mooring.name, mooring.spec.scale
    is_web = bool(mooring.spec.endpoints)
    subnets: Any = ground.network.private_subnet_ids
    if settings.placement and settings.placement.strategy == "cluster":
        subnets = subnets[:1]
    refresh: Any = {"strategy": "Rolling", "preferences": {**LAUNCH_FIRST, "auto_rollback": True}, "triggers": ["tag"]}
    tags: list[Any] = [{"key": "Name", "value": name, "propagate_at_launch": True}]
    for key, word in revision.items():
        tags.append({"key": f"berth:{key}", "value": word, "propagate_at_launch": False})
    group = aws.autoscaling.Group(
        f"{name}-machines",
        name=group_name(mooring, settings),
        min_size=scale.fewest,
        max_size=scale.most,
        vpc_zone_identifiers=subnets,
        launch_template={"id": template.id, "version": template.latest_version.apply(str)},
        placement_group=_placement_group(mooring, settings),
        target_group_arns=[one.arn for one in mooring.target_groups.values()],
        health_check_type="ELB" if is_web else "EC2",
        health_check_grace_period=SETTLE_SECONDS,
        default_instance_warmup=SETTLE_SECONDS,
        max_instance_lifetime=settings.max_instance_days * 24 * 60 * 60,
        instance_maintenance_policy=LAUNCH_FIRST,
        # A machine is in service, and gets requests, once its service runs; `up` fails where none gets that far.
        initial_lifecycle_hooks=[
            {
                "name": HOOK,
                "lifecycle_transition": "autoscaling:EC2_INSTANCE_LAUNCHING",
                "default_result": "ABANDON",
                "heartbeat_timeout": START_SECONDS,
            }
        ],
        wait_for_capacity_timeout="20m",
        min_elb_capacity=scale.fewest if is_web else None,
        instance_refresh=refresh,
        # Without force_delete: a machine that goes leaves its target groups first.
        tags=tags,
        opts=mooring.child.merge(
            # How many there are is autoscaling's business after the first start.
            pulumi.ResourceOptions(ignore_changes=["desiredCapacity"], depends_on=[*mooring.arrivals, *ready])
        ),
    )
    _scaling(mooring, group)
    return group


def _placement_group(mooring: Mooring, settings: Ec2Settings) -> pulumi.Output[str] | None:
    placement = settings.placement
    if placement is None:
        return None
    group = aws.ec2.PlacementGroup(
        f"{mooring.name}-placement",
        name=group_name(mooring, settings),
        strategy=placement.strategy,
        partition_count=placement.partitions,
        # The new group stands beside the old one until the machines in that are gone; the hash keeps them apart.
        opts=mooring.child.merge(pulumi.ResourceOptions(delete_before_replace=False)),
    )
    return group.name


def _scaling(mooring: Mooring, group: aws.autoscaling.Group) -> None:
    """Create what makes more machines or fewer.

    A schedule moves the group's bounds until the next one does. So the next `up` that changes a bound of the config
    puts all of them back to it, until a schedule's next time.
    """
    name, scale = mooring.name, mooring.spec.scale
    metrics: dict[str, tuple[float, Any]] = {
        "cpu": (scale.cpu_percent, {"predefined_metric_type": "ASGAverageCPUUtilization"})
    }
    if requests := mooring.requests_metric:
        metrics["requests"] = (scale.requests, requests)
    for suffix, (value, metric) in metrics.items():  # the one that asks for more machines wins
        aws.autoscaling.Policy(
            f"{name}-{suffix}",
            name=f"{name}-{suffix}",
            policy_type="TargetTrackingScaling",
            autoscaling_group_name=group.name,
            target_tracking_configuration={"target_value": value, "predefined_metric_specification": metric},
            opts=mooring.child,
        )
    for number, one in enumerate(scale.scheduled, 1):
        aws.autoscaling.Schedule(
            f"{name}-schedule-{number}",
            scheduled_action_name=f"{name}-{number}",
            autoscaling_group_name=group.name,
            recurrence=one.cron,
            time_zone=one.timezone,
            min_size=one.fewest,
            max_size=one.most,
            desired_capacity=-1,  # left as it is, within the new bounds; left out, it would be 0
            opts=mooring.child,
        )
