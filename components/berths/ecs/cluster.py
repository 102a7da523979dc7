"""The ECS cluster, the same for Fargate and EC2."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.logs import service_log_group


def ecs_cluster(name: str, retention_days: int, opts: pulumi.ResourceOptions) -> aws.ecs.Cluster:
    """Create a cluster with container insights, whose logs expire.

    Container insights makes its log group itself, and then it never expires.

    Args:
        name: name of the cluster.
        retention_days: days its performance logs are kept.
        opts: resource options.
    """
    logs = service_log_group(f"{name}-insights", f"/aws/ecs/containerinsights/{name}/performance", retention_days, opts)
    return aws.ecs.Cluster(
        f"{name}-cluster",
        name=name,
        settings=[{"name": "containerInsights", "value": "enabled"}],
        opts=opts.merge(pulumi.ResourceOptions(depends_on=[logs])),
    )
