"""What tasks, machines and clusters cost."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from berth.cost.model import Charge, Context, items, mapping, number
from berth.cost.rules_network import Charges, unpriced
from berth.plan import Resource

UNITS_A_VCPU: Final = Decimal(1024)
MIB_A_GB: Final = Decimal(1024)
"""MiB that Fargate bills as one GB."""
FREE_TASK_STORAGE_GIB: Final = Decimal(20)
"""Ephemeral storage of a Fargate task that is not billed."""
MONITORING_METRICS: Final = Decimal(7)
"""Metrics that AWS's price examples count for an instance with detailed monitoring."""
GIB_A_NODE: Final = Decimal(80)
"""Data volume of a node where the node class does not say: the default of EKS Auto Mode."""

_FARGATE: Final = ("FARGATE", "FARGATE_SPOT")


def ecs_service(resource: Resource, context: Context) -> Charges:
    """Charge a Fargate service's tasks; on EC2 the machines are billed, not the tasks.

    Spot's price varies by the hour, so tasks that may run on Spot are charged as if they did not.
    """
    providers = [
        mapping(item).get("capacityProvider") for item in items(resource.inputs.get("capacityProviderStrategies"))
    ]
    if resource.inputs.get("launchType") != "FARGATE" and not any(provider in _FARGATE for provider in providers):
        return
    definition = context.behind(resource, "taskDefinition", "aws:ecs/taskDefinition:TaskDefinition")
    inputs = definition.inputs if definition else {}
    cpu, memory = number(inputs.get("cpu")), number(inputs.get("memory"))
    tasks = context.usage.replicas
    desired = number(resource.inputs.get("desiredCount"))
    count = Decimal(tasks) if tasks is not None else desired
    if cpu is None or memory is None or count is None:
        yield unpriced(resource, "tasks", "the task's size or the number of tasks is not known")
        return
    arm = mapping(inputs.get("runtimePlatform")).get("cpuArchitecture") == "ARM64"
    processor = "arm" if arm else "x86"
    hours = count * context.usage.hours
    spot = ", on demand though Spot is allowed" if "FARGATE_SPOT" in providers else ""
    yield Charge(f"vCPU of {count} tasks{spot}", f"fargate.vcpu.{processor}", hours * cpu / UNITS_A_VCPU)
    yield Charge(f"memory of {count} tasks{spot}", f"fargate.memory.{processor}", hours * memory / MIB_A_GB)
    storage = number(mapping(inputs.get("ephemeralStorage")).get("sizeInGib")) or FREE_TASK_STORAGE_GIB
    if storage > FREE_TASK_STORAGE_GIB:
        yield Charge("storage beyond 20 GB", "fargate.storage", hours * (storage - FREE_TASK_STORAGE_GIB))


def ecs_cluster(resource: Resource, context: Context) -> Charges:
    """Say that Container Insights is charged; the cluster is free."""
    settings = [mapping(item) for item in items(resource.inputs.get("settings"))]
    if any(item.get("name") == "containerInsights" and item.get("value") != "disabled" for item in settings):
        yield unpriced(resource, "Container Insights", "the number of metrics depends on what runs")


def machines(resource: Resource, context: Context) -> Charges:
    """Charge the machines that an autoscaling group always runs, with their disks."""
    template = context.behind(resource, "launchTemplate", "aws:ec2/launchTemplate:LaunchTemplate")
    inputs = template.inputs if template else {}
    count, type_ = number(resource.inputs.get("minSize")), inputs.get("instanceType")
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


def eks_cluster(resource: Resource, context: Context) -> Charges:
    """Charge a cluster's control plane, and in Auto Mode the nodes it is assumed to run and its fee on them."""
    usage = context.usage
    yield Charge("control plane", "eks.cluster", usage.hours)
    auto = resource.inputs.get("autoMode")
    if not mapping(auto).get("enabled"):
        return
    hours = usage.eks_nodes * usage.hours
    label = f"{usage.eks_nodes} x {usage.eks_node_type}"
    yield Charge(f"{label}, assumed", f"ec2.{usage.eks_node_type}", hours)
    yield Charge(f"Auto Mode on {label}", f"ec2.{usage.eks_node_type}", hours, factor_key="eks.auto")
    size = _node_disk(context)
    yield Charge(f"{usage.eks_nodes} disks of {size} GB", "ebs.gp3", usage.eks_nodes * size * usage.months)


def _node_disk(context: Context) -> Decimal:
    """Return the GiB of a node's data volume: what the stack's node class says, or the default."""
    for resource in context.plan.resources:
        if resource.type.endswith(":NodeClass"):
            size = mapping(mapping(resource.inputs.get("spec")).get("ephemeralStorage")).get("size")
            if isinstance(size, str) and size.endswith("Gi"):
                return number(size.removesuffix("Gi")) or GIB_A_NODE
    return GIB_A_NODE
