"""Log groups that an AWS service writes to, under a name of its own.

Such a service makes the group itself where there is none, and writes what it still has to say after the group was
deleted: EKS, RDS and Container Insights leave a group without an end behind each time a stack is destroyed, and the
next ``up`` is refused, as the group exists (terraform-aws-eks 2486, 2763; a denied CreateLogGroup did not help, since
the service uses a role of its own). So the group outlives the stack, with its retention, and the next ``up`` adopts it.

Other groups need none of this: awslogs, VPC flow logs, API Gateway's access logs and the collector on EKS write with
rights that we give, and CreateLogGroup is none of them.
"""

from __future__ import annotations

import pulumi
import pulumi_aws as aws


def service_log_group(
    name: str, log_group: str, retention_days: int, opts: pulumi.ResourceOptions
) -> aws.cloudwatch.LogGroup:
    """Create the group, or adopt the one that is there.

    Adopting one with other settings than these takes Pulumi 3.175, which imports and updates in one step.

    Args:
        name: Pulumi name.
        log_group: the name that the service writes to.
        retention_days: days each line is kept.
        opts: resource options.
    """
    found = aws.cloudwatch.get_log_groups(log_group_name_prefix=log_group)
    # One in the state already is not imported again: the engine compares the ids.
    adopted = log_group if log_group in found.log_group_names else None
    return aws.cloudwatch.LogGroup(
        name,
        name=log_group,
        retention_in_days=retention_days,
        skip_destroy=True,
        opts=opts.merge(pulumi.ResourceOptions(import_=adopted)),
    )
