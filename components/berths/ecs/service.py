"""A service that runs all the time on ECS, answering requests or not."""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_aws as aws

from components.berths.ecs.capacity import Capacity
from components.berths.ecs.release import Release, release
from components.berths.ecs.scaling import scaling
from components.berths.ecs.task import Task
from components.berths.rollout import bindings_revision, secrets_revision
from components.ground import Ground
from components.mooring import Mooring

HEALTH_GRACE_SECONDS = 60
"""Time a starting task has before the load balancer's opinion counts."""


def serve(ground: Ground, mooring: Mooring, capacity: Capacity, task: Task) -> str:
    """Create the ECS service, with circuit breaker, rollback and autoscaling.

    One without endpoints, a worker, has no target group; its tasks are sent SIGTERM, and have ``shutdown_seconds`` to
    finish what they hold.

    Args:
        ground: what every room and berth stands on.
        mooring: the service, its target groups and what forwards to them.
        capacity: where the tasks run.
        task: what it runs.

    Returns:
        One command that opens a shell where ECS Exec is on, and follows the logs elsewhere.
    """
    service, looking = mooring.spec, pulumi.InvokeOutputOptions(parent=mooring)
    how = release(ground, mooring)
    filled: list[Any] = [
        {
            "target_group_arn": mooring.target_groups[one.name].arn,
            "container_name": service.name,
            "container_port": one.port,
            **how.shift,
        }
        for one in service.endpoints
    ]
    running = aws.ecs.Service(
        how.resource,
        name=how.name,
        cluster=capacity.cluster.arn,
        task_definition=task.definition.arn,
        desired_count=service.scale.fewest,
        capacity_provider_strategies=list(capacity.strategies),
        ordered_placement_strategies=list(capacity.placement) or None,
        network_configuration={
            "subnets": ground.network.private_subnet_ids,
            "security_groups": [task.group.id],
            "assign_public_ip": False,
        },
        load_balancers=filled or None,
        deployment_minimum_healthy_percent=100,
        deployment_maximum_percent=200,
        deployment_circuit_breaker={"enable": True, "rollback": True},
        availability_zone_rebalancing="ENABLED",
        health_check_grace_period_seconds=HEALTH_GRACE_SECONDS if service.endpoints else None,
        enable_execute_command=capacity.exec,
        enable_ecs_managed_tags=True,
        propagate_tags="SERVICE",
        triggers={
            "bindings": bindings_revision(mooring.name, service.bindings, mooring.child),
            **({"secrets": secrets_revision(service.sources, looking)} if service.sources else {}),
        },
        # For the triggers; and without it a change of the capacity provider strategy is refused.
        force_new_deployment=True,
        wait_for_steady_state=True,  # an `up` whose tasks never get healthy fails instead of looking done
        alarms=how.alarms,
        deployment_configuration=how.configuration,
        opts=pulumi.ResourceOptions(
            parent=mooring,
            ignore_changes=["desiredCount", *how.left_to_ecs],  # the first is autoscaling's business
            depends_on=[*mooring.arrivals, *task.ready, *how.ready],
            custom_timeouts=how.timeouts,
        ),
    )
    scaling(mooring, f"{capacity.cluster_name}/{how.name}", running)
    return _access(ground, mooring, capacity, task, how)


def _access(ground: Ground, mooring: Mooring, capacity: Capacity, task: Task, how: Release) -> str:
    options, cluster = ground.site.cli_options, capacity.cluster_name
    if not capacity.exec:
        return f"aws logs tail {task.log_group} --follow {options}"
    first = (
        f"$(aws ecs list-tasks --cluster {cluster} --service-name {how.name} {options}"
        " --query 'taskArns[0]' --output text)"
    )
    return (
        f"aws ecs execute-command --cluster {cluster} --task {first} --container {mooring.spec.name}"
        f" {options} --interactive --command /bin/sh"
    )
