"""ECS."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from berth.plan import Resource
from berth.resource_types.charges import Charge, Charges, Context, items, mapping, number, unpriced
from berth.resource_types.prices import Selector, selector
from berth.resource_types.resource_type import Free, In, Look, Minutes, ResourceType, both, forces

UNITS_A_VCPU: Final = Decimal(1024)
MIB_A_GB: Final = Decimal(1024)
"""MiB that Fargate bills as one GB."""
FREE_TASK_STORAGE_GIB: Final = Decimal(20)
"""Ephemeral storage of a Fargate task that is not billed."""
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
    tasks = context.usage.replicas
    desired = number(resource.inputs.get("desiredCount"))
    count = Decimal(tasks) if tasks is not None else desired
    hours = None if count is None else count * context.usage.hours
    scheduled = [one for one in context.plan.inside(resource.parent or "") if one.type.endswith(":ScheduledAction")]
    least = [number(mapping(one.inputs.get("scalableTargetAction")).get("minCapacity")) for one in scheduled]
    if tasks is None and any(one is not None and desired is not None and one > desired for one in least):
        yield unpriced(resource, "tasks by schedule", "how long each schedule's minimum lasts is not counted")
    spot = ", on demand though Spot is allowed" if "FARGATE_SPOT" in providers else ""
    yield from task_charges(definition, resource, hours, f"{count} tasks{spot}")


def task_charges(definition: Resource | None, starter: Resource, hours: Decimal | None, what: str) -> Charges:
    """Charge the hours of a task on Fargate.

    Args:
        definition: the task definition.
        starter: what starts tasks of it.
        hours: of all tasks together.
        what: how a reader calls them.
    """
    inputs = definition.inputs if definition else {}
    cpu, memory = number(inputs.get("cpu")), number(inputs.get("memory"))
    if cpu is None or memory is None or hours is None:
        yield unpriced(starter, "tasks", "the task's size or the number of tasks is not known")
        return
    arm = mapping(inputs.get("runtimePlatform")).get("cpuArchitecture") == "ARM64"
    processor = "arm" if arm else "x86"
    yield Charge(f"vCPU of {what}", f"fargate.vcpu.{processor}", hours * cpu / UNITS_A_VCPU)
    yield Charge(f"memory of {what}", f"fargate.memory.{processor}", hours * memory / MIB_A_GB)
    storage = number(mapping(inputs.get("ephemeralStorage")).get("sizeInGib")) or FREE_TASK_STORAGE_GIB
    if storage > FREE_TASK_STORAGE_GIB:
        yield Charge("storage beyond 20 GB", "fargate.storage", hours * (storage - FREE_TASK_STORAGE_GIB))


def ecs_cluster(resource: Resource, context: Context) -> Charges:
    """Say that Container Insights is charged; the cluster is free."""
    settings = [mapping(item) for item in items(resource.inputs.get("settings"))]
    if any(item.get("name") == "containerInsights" and item.get("value") != "disabled" for item in settings):
        yield unpriced(resource, "Container Insights", "the number of metrics depends on what runs")


TYPES: Final = (
    ResourceType(
        "aws:ecs/capacityProvider:CapacityProvider",
        Free("billed by the machines of its group"),
        In("machines", None),
        replaced_by=forces("autoScalingGroupProvider.autoScalingGroupArn name", "ecs:UpdateCapacityProvider"),
        calls="autoscaling: CreateOrUpdateTags; ecs: CreateCapacityProvider DeleteCapacityProvider TagResource "
        "UntagResource UpdateCapacityProvider; iam: CreateServiceLinkedRole",
    ),
    ResourceType(
        "aws:ecs/cluster:Cluster",
        ecs_cluster,
        In("cluster", None),
        minutes=Minutes(0.2, 0.4),
        replaced_by=forces("name", "ecs:UpdateCluster"),
        title=Look("ECS cluster", "ecs"),
        calls="ecs: CreateCluster DeleteCluster TagResource UntagResource UpdateCluster UpdateClusterSettings; iam: "
        "CreateServiceLinkedRole",
    ),
    ResourceType(
        "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders",
        Free("part of the cluster"),
        In("cluster", None),
        replaced_by=forces("clusterName", "ecs:PutClusterCapacityProviders"),
        calls="ecs: PutClusterCapacityProviders",
    ),
    ResourceType(
        "aws:ecs/service:Service",
        ecs_service,
        both("workload"),
        minutes=Minutes(2, 4),
        replaced_by=forces("cluster launchType name schedulingStrategy", "ecs:UpdateService"),
        title=Look("ECS service", "ecs-service"),
        calls="ecs: CreateService DeleteService StopServiceDeployment TagResource UntagResource UpdateService; iam: "
        "CreateServiceLinkedRole PassRole",
    ),
    ResourceType(
        "aws:ecs/taskDefinition:TaskDefinition",
        Free("billed by the tasks of its service"),
        In("workload", "task-definition"),
        replaced_by=forces("*", but="skipDestroy tags trackLatest"),
        calls="ecs: DeregisterTaskDefinition RegisterTaskDefinition TagResource UntagResource; iam: PassRole",
    ),
)

PRICES: Final[Mapping[str, Selector]] = {
    "fargate.vcpu.x86": selector("AmazonECS", "Fargate-vCPU-Hours:perCPU"),
    "fargate.memory.x86": selector("AmazonECS", "Fargate-GB-Hours"),
    "fargate.vcpu.arm": selector("AmazonECS", "Fargate-ARM-vCPU-Hours:perCPU"),
    "fargate.memory.arm": selector("AmazonECS", "Fargate-ARM-GB-Hours"),
    "fargate.storage": selector("AmazonECS", "Fargate-EphemeralStorage-GB-Hours"),
}
