"""How many tasks of an ECS service run: by CPU, memory and requests, and by the clock."""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_aws as aws

from components.mooring import Mooring
from components.service.cron import eventbridge_cron

SCALE_IN_COOLDOWN = 300
SCALE_OUT_COOLDOWN = 60


def scaling(mooring: Mooring, path: str, running: aws.ecs.Service) -> None:
    """Create the scalable target with a policy for each metric and an action for each schedule.

    A schedule moves the target's bounds until the next one does. So the next `up` that changes a bound of the config
    puts all of them back to it, until a schedule's next time.

    Args:
        mooring: the service.
        path: the cluster's name, a slash and the ECS service's.
        running: the ECS service.
    """
    name, scale = mooring.name, mooring.spec.scale
    target = aws.appautoscaling.Target(
        f"{name}-scaling",
        service_namespace="ecs",
        scalable_dimension="ecs:service:DesiredCount",
        resource_id=f"service/{path}",
        min_capacity=scale.fewest,
        max_capacity=scale.most,
        opts=mooring.child.merge(pulumi.ResourceOptions(depends_on=[running])),
    )
    metrics: dict[str, tuple[float, Any]] = {
        "cpu": (scale.cpu_percent, {"predefined_metric_type": "ECSServiceAverageCPUUtilization"})
    }
    if scale.memory_percent:
        predefined = {"predefined_metric_type": "ECSServiceAverageMemoryUtilization"}
        metrics["memory"] = (scale.memory_percent, predefined)
    # Where releases are shifted, only ECS knows which of two groups is live.
    if (requests := mooring.requests_metric) and not mooring.alternates:
        metrics["requests"] = (scale.requests, requests)
    for suffix, (value, metric) in metrics.items():  # the one that asks for more tasks wins
        aws.appautoscaling.Policy(
            f"{name}-{suffix}",
            name=f"{name}-{suffix}",
            policy_type="TargetTrackingScaling",
            service_namespace=target.service_namespace,
            scalable_dimension=target.scalable_dimension,
            resource_id=target.resource_id,
            target_tracking_scaling_policy_configuration={
                "target_value": value,
                "scale_in_cooldown": SCALE_IN_COOLDOWN,
                "scale_out_cooldown": SCALE_OUT_COOLDOWN,
                "predefined_metric_specification": metric,
            },
            opts=mooring.child,
        )
    before: list[pulumi.Resource] = []
    for number, one in enumerate(scale.scheduled, 1):
        action = aws.appautoscaling.ScheduledAction(
            f"{name}-schedule-{number}",
            name=f"{name}-{number}",
            service_namespace=target.service_namespace,
            scalable_dimension=target.scalable_dimension,
            resource_id=target.resource_id,
            schedule=eventbridge_cron(one.cron),
            timezone=one.timezone,
            scalable_target_action={"min_capacity": one.fewest, "max_capacity": one.most},
            # One after the other: AWS refuses two changes of one target at a time (terraform-provider-aws 17915).
            opts=mooring.child.merge(pulumi.ResourceOptions(depends_on=before)),
        )
        before = [action]
