"""The target group: a backend's whole contract with the edge is one group with healthy targets.

Every backend gets a group of its own and fills it. Two never share one: the EKS controller
deregisters targets it does not know.
"""

from __future__ import annotations

import hashlib

import pulumi
import pulumi_aws as aws

from components.service import ServiceSpec

DEREGISTRATION_DELAY = 30
"""Seconds a leaving target keeps its connections; AWS's default of 300 is what makes deploys slow."""


def target_group_name(name: str, backend: str, port: int) -> str:
    """Return the group's name, at most 32 characters.

    What forces a replacement is hashed into the name: the new group must stand beside the old one
    while the listener moves over, and two groups cannot have one name.
    """
    digest = hashlib.sha256(f"{name}/{backend}/{port}".encode()).hexdigest()[:8]
    return f"{name[:23].rstrip('-')}-{digest}"


def target_group(
    name: str,
    backend: str,
    service: ServiceSpec,
    vpc_id: pulumi.Input[str],
    *,
    tags: dict[str, str] | None = None,
    opts: pulumi.ResourceOptions | None = None,
) -> aws.lb.TargetGroup:
    """Create the target group of one backend.

    Health is ``service.health_path``, alive rather than ready: when the database is away, ECS would
    otherwise stop every task, and a restarted one could do no better.

    Args:
        name: prefix of every name.
        backend: the backend, e.g. ``ecs-fargate``.
        service: what runs.
        vpc_id: the VPC.
        tags: more tags; EKS Auto Mode fills only groups that carry its cluster's name.
        opts: resource options.
    """
    return aws.lb.TargetGroup(
        f"{name}-{backend}",
        name=target_group_name(name, backend, service.port),
        port=service.port,
        protocol="HTTP",
        target_type="ip",
        vpc_id=vpc_id,
        deregistration_delay=DEREGISTRATION_DELAY,
        health_check={
            "path": service.health_path,
            "protocol": "HTTP",
            "matcher": "200",
            "interval": 10,
            "timeout": 5,
            "healthy_threshold": 2,
            "unhealthy_threshold": 3,
        },
        tags={"Name": f"{name}-{backend}", **(tags or {})},
        # The provider deletes what has a fixed name before it replaces it, and AWS refuses to delete a group that a
        # listener forwards to. The hash in the name keeps old and new apart.
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(delete_before_replace=False)),
    )
