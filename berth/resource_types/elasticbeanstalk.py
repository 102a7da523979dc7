"""Elastic Beanstalk. It is free itself; what its environments make in the account is not."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from berth.plan import Resource
from berth.resource_types.autoscaling import MONITORING_METRICS
from berth.resource_types.charges import Charge, Charges, Context, items, mapping, number, unpriced
from berth.resource_types.resource_type import Free, In, Look, Minutes, ResourceType, both, forces

_MACHINES: Final = "aws:autoscaling:launchconfiguration"
_FORCES: Final = "terraform-provider-aws: internal/service/elasticbeanstalk/environment.go"


def environment(resource: Resource, context: Context) -> Charges:
    """Charge the machines that an environment always runs, with their disks; a scheduled action's minimum is not."""
    told = _options(resource)
    types, count = (
        told.get(("aws:ec2:instances", "InstanceTypes")),
        number(told.get(("aws:autoscaling:asg", "MinSize"))),
    )
    replicas = context.usage.replicas
    count = Decimal(replicas) if replicas is not None else count
    if count is None or not isinstance(types, str):
        yield unpriced(resource, "machines", "the instance type or the number of machines is not known")
        return
    type_ = types.partition(",")[0]
    yield Charge(f"{count} x {type_}", f"ec2.{type_}", count * context.usage.hours)
    size, volume = number(told.get((_MACHINES, "RootVolumeSize"))), told.get((_MACHINES, "RootVolumeType"), "gp3")
    if size is None:
        yield unpriced(resource, "disk", "its size is not known")
    else:
        yield Charge(f"{count} disks of {size} GB", f"ebs.{volume}", count * size * context.usage.months)
    if told.get((_MACHINES, "MonitoringInterval")) == "1 minute":
        quantity = count * MONITORING_METRICS * context.usage.months
        yield Charge("detailed monitoring", "ec2.detailed-metric", quantity)
    if resource.inputs.get("tier") == "Worker":
        # One unit of capacity each way, and the daemons' polls (user guide, "Worker environments").
        yield unpriced(resource, "the tier's table and queue", "a dollar a month, which depends on its polls")


def least_machines(resource: Resource) -> Decimal | None:
    """Return how many machines an environment always has; None where that is not known."""
    return number(_options(resource).get(("aws:autoscaling:asg", "MinSize")))


def _options(resource: Resource) -> Mapping[tuple[str, str], Any]:
    """Return the option settings by namespace and name."""
    settings = [mapping(one) for one in items(resource.inputs.get("settings"))]
    return {(str(one.get("namespace")), str(one.get("name"))): one.get("value") for one in settings}


TYPES: Final = (
    ResourceType(
        "aws:elasticbeanstalk/application:Application",
        Free("a name for versions and environments"),
        both("platform"),
        replaced_by=forces("name", "elasticbeanstalk:UpdateApplication"),
        title=Look("Elastic Beanstalk", "beanstalk"),
        calls="elasticbeanstalk: AddTags CreateApplication DeleteApplication RemoveTags UpdateApplication "
        "UpdateTagsForResource",
    ),
    ResourceType(
        "aws:elasticbeanstalk/applicationVersion:ApplicationVersion",
        Free("billed by the bucket of its bundle"),
        In("workload", "version"),
        ways={"application": None},
        replaced_by=forces("application bucket key name", "elasticbeanstalk:UpdateApplicationVersion"),
        calls="elasticbeanstalk: CreateApplicationVersion DeleteApplicationVersion UpdateApplicationVersion; "
        "s3: GetObject",
    ),
    ResourceType(
        "aws:elasticbeanstalk/environment:Environment",
        environment,
        both("workload"),
        # Immutable: new machines first, which install and settle, and then the end of the old ones.
        minutes=Minutes(6, 15),
        replaced_by=forces("application cnamePrefix name tier", _FORCES),
        title=Look("Elastic Beanstalk environment", "beanstalk"),
        # The platform makes what an environment is made of with the caller's rights (user guide, "User policies").
        calls="autoscaling: AttachInstances CreateAutoScalingGroup CreateOrUpdateTags DeleteAutoScalingGroup "
        "DeleteLaunchConfiguration DeletePolicy DeleteScheduledAction DetachInstances PutNotificationConfiguration "
        "PutScalingPolicy PutScheduledUpdateGroupAction ResumeProcesses SuspendProcesses "
        "TerminateInstanceInAutoScalingGroup UpdateAutoScalingGroup; "
        "cloudformation: CreateStack DeleteStack UpdateStack; "
        "cloudwatch: DeleteAlarms PutMetricAlarm; "
        "dynamodb: CreateTable DeleteTable TagResource; "
        "ec2: CreateLaunchTemplate CreateLaunchTemplateVersion CreateTags DeleteLaunchTemplate RunInstances "
        "TerminateInstances; "
        "elasticbeanstalk: AddTags CreateEnvironment RemoveTags TerminateEnvironment UpdateEnvironment "
        "UpdateTagsForResource; "
        "iam: CreateServiceLinkedRole PassRole; "
        "s3: CreateBucket GetObject PutBucketOwnershipControls PutBucketPolicy PutObject; "
        "sqs: CreateQueue DeleteQueue SetQueueAttributes TagQueue",
    ),
)
