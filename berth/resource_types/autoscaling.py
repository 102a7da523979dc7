"""EC2 Auto Scaling and Application Auto Scaling."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from typing import Final

from berth.plan import Resource
from berth.resource_types.charges import Charge, Charges, Context, items, mapping, number, unpriced
from berth.resource_types.prices import Selector, selector
from berth.resource_types.resource_type import In, Look, Minutes, ResourceType, Way, both, forces, free

MONITORING_METRICS: Final = Decimal(7)
"""Metrics that AWS's price examples count for an instance with detailed monitoring."""


def machines(resource: Resource, context: Context) -> Charges:
    """Charge the machines that an autoscaling group always runs, with their disks.

    Where a service has machines of its own, each is one of its replicas.
    """
    template = context.behind(resource, "launchTemplate", "aws:ec2/launchTemplate:LaunchTemplate")
    inputs = template.inputs if template else {}
    count, type_ = number(resource.inputs.get("minSize")), inputs.get("instanceType")
    around = context.by_urn.get(resource.parent or "")
    if context.usage.replicas is not None and around is not None and around.type == "berth:berths:Mooring":
        count = Decimal(context.usage.replicas)
    if count is None or not isinstance(type_, str):
        yield unpriced(resource, "machines", "the instance type or the number of machines is not known")
        return
    yield Charge(f"{count} x {type_}", f"ec2.{type_}", count * context.usage.hours)
    for device in items(inputs.get("blockDeviceMappings")):
        disk = mapping(mapping(device).get("ebs"))
        size = number(disk.get("volumeSize"))
        if size is None:
            yield unpriced(resource, "disk", "its size is not known")
        else:
            volume = disk.get("volumeType", "gp2")
            yield Charge(f"{count} disks of {size} GB", f"ebs.{volume}", count * size * context.usage.months)
    if mapping(inputs.get("monitoring")).get("enabled") is True:
        quantity = count * MONITORING_METRICS * context.usage.months
        yield Charge("detailed monitoring", "ec2.detailed-metric", quantity)


_scaling = partial(free, "autoscaling itself is free", look=In("workload", "scaling"))

TYPES: Final = (
    _scaling(
        "aws:appautoscaling/policy:Policy",
        replaced_by=forces("name resourceId scalableDimension serviceNamespace"),
        calls="application-autoscaling: DeleteScalingPolicy PutScalingPolicy; cloudwatch: DeleteAlarms PutMetricAlarm",
    ),
    _scaling(
        "aws:appautoscaling/scheduledAction:ScheduledAction",
        replaced_by=forces("name resourceId scalableDimension serviceNamespace"),
        calls="application-autoscaling: DeleteScheduledAction PutScheduledAction",
    ),
    _scaling(
        "aws:appautoscaling/target:Target",
        replaced_by=forces("resourceId scalableDimension serviceNamespace"),
        after={"aws:ecs/service:Service": Way("scales")},
        calls="application-autoscaling: DeregisterScalableTarget RegisterScalableTarget TagResource UntagResource; "
        "iam: CreateServiceLinkedRole PassRole",
    ),
    _scaling(
        "aws:autoscaling/attachment:Attachment",
        look=both("workload"),
        replaced_by=forces("*"),
        calls="autoscaling: AttachLoadBalancerTargetGroups DetachLoadBalancerTargetGroups",
    ),
    ResourceType(
        "aws:autoscaling/group:Group",
        machines,
        In("machines", None),
        moored=both("workload"),
        minutes=Minutes(1, 2),
        replaced_by=forces("name namePrefix", "autoscaling:UpdateAutoScalingGroup"),
        title=Look("EC2 machines", "machines"),
        calls="autoscaling: AttachLoadBalancerTargetGroups CancelInstanceRefresh CreateAutoScalingGroup "
        "CreateOrUpdateTags DeleteAutoScalingGroup DeleteTags DetachLoadBalancerTargetGroups "
        "DisableMetricsCollection EnableMetricsCollection PutLifecycleHook SetInstanceProtection StartInstanceRefresh "
        "UpdateAutoScalingGroup; ec2: CreateTags RunInstances; iam: CreateServiceLinkedRole PassRole",
    ),
    _scaling(
        "aws:autoscaling/policy:Policy",
        replaced_by=forces("autoscalingGroupName name", "autoscaling:PutScalingPolicy"),
        calls="autoscaling: DeletePolicy PutScalingPolicy; cloudwatch: DeleteAlarms PutMetricAlarm",
    ),
    _scaling(
        "aws:autoscaling/schedule:Schedule",
        replaced_by=forces("autoscalingGroupName scheduledActionName", "autoscaling:PutScheduledUpdateGroupAction"),
        calls="autoscaling: DeleteScheduledAction PutScheduledUpdateGroupAction",
    ),
)

PRICES: Final[Mapping[str, Selector]] = {
    "ebs.gp3": selector("AmazonEC2", "EBS:VolumeUsage.gp3"),
    "ec2.detailed-metric": selector("AmazonCloudWatch", "CW:MetricMonitorUsage"),
}
