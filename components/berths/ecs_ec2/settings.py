"""``berth:ecs-ec2``: the machines."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Annotated, Final

from components.berths.contract import Berth, Limit
from components.berths.ecs.settings import LIMITS, EcsSettings
from components.berths.instances import INSTANCE_TYPE, instance_size
from components.berths.machine_checks import wrong_processors
from components.config.checks import Case, check, ordered
from components.config.errors import Problem
from components.config.keys import Int, Key, between, matching
from components.service.settings import ServiceSettings, services_of

type_name: Final = matching(
    INSTANCE_TYPE.pattern, "an EC2 instance type of the service's architecture", "is not how an EC2 instance type looks"
)


class EcsEc2Settings(EcsSettings):
    """``berth:ecs-ec2``."""

    instance_type: Annotated[str, Key("EC2 instance type.", type_name, "t3.medium")] = "t3.small"
    min_instances: Annotated[Int, Key("Instances that always run.", between(1, 5000), 2)] = 2
    max_instances: Annotated[
        Int, Key("Instances that scaling stops at; not below minInstances.", between(1, 5000), 6)
    ] = 4


ECS_EC2: Final = Berth(
    "ecs-ec2",
    "ECS on EC2",
    EcsEc2Settings,
    Key("What only ecs-ec2 needs."),
    "components.berths.ecs_ec2.host:EcsEc2",
    (
        *LIMITS,
        Limit("Machines without upkeep", "they are patched by replacing them, with an instance refresh"),
        Limit("Scaling in seconds", "a new machine takes minutes to join before a task can start on it"),
    ),
    shifts=True,
    formerly="berth:ecs:Ec2",
    kept_ranges={"172.17.0.0/16": "its nodes' Docker bridge"},
    addresses=lambda settings, services, zones: settings.max_instances,  # one each
)


@check(service=("cpu",), berth="ecs-ec2")
def a_task_has_cpu(case: Case) -> Iterator[Problem]:
    """ECS refuses a task of fewer than 128 CPU units (its API reference, ``RegisterTaskDefinition``)."""
    for path, service in services_of(case, "cpu"):
        if service.cpu < 128:
            yield case.reading.problem(
                f"{path}.cpu", "An ECS task on EC2 has at least 128 CPU units.", allowed="128 to 196608 on ecs-ec2"
            )


@check("ecs-ec2.instanceType", service=("architecture",), berth="ecs-ec2")
def instance_runs_the_image(case: Case) -> Iterator[Problem]:
    """The instance's processor is the one the images are built for."""
    yield from wrong_processors(case, "ecs-ec2.instanceType", case.at("ecs-ec2", EcsEc2Settings).instance_type)


@check(
    *("ecs-ec2.instanceType", "ecs-ec2.maxInstances"),
    service=("kind", "cpu", "memory", "maxReplicas", "schedules"),
    berth="ecs-ec2",
)
def instances_hold_the_tasks(case: Case) -> Iterator[Problem]:
    """At their largest the services must fit on the instances, with room for one task more of each to roll.

    A deployment keeps 100 % of the tasks: it starts a new one before it stops an old one, or waits for ever.
    """
    settings = case.at("ecs-ec2", EcsEc2Settings)
    kind, size = settings.instance_type, instance_size(settings.instance_type)
    if size is None:
        return
    needed, tasks = Fraction(0), 0
    services = list(services_of(case, "kind", "cpu", "memory", "maxReplicas", "schedules"))
    for path, service in services:
        room = size.tasks(service.cpu, service.memory)
        if not room:
            too_big = "memory" if service.memory > size.memory else "cpu"
            yield case.reading.problem(
                f"{path}.{too_big}",
                f"A task of {service.cpu} CPU units and {service.memory} MiB does not fit on a {kind}.",
                given=service.memory if too_big == "memory" else service.cpu,
                allowed=f"about {size.memory} MiB and {size.cpu} CPU units with this ecs-ec2.instanceType; or a larger "
                "one",
                example=size.memory // 256 * 256 if too_big == "memory" else size.cpu,
            )
            return
        needed += Fraction(service.most_replicas + (service.kind != "job"), room)  # a job is not rolled
        tasks += service.most_replicas
    if needed > settings.max_instances:
        yield case.reading.problem(
            "ecs-ec2.maxInstances",
            f"{settings.max_instances} of {kind} are too few for {tasks} tasks, which "
            f"{' and '.join(_asking(path, service) for path, service in services)} ask for; a rolling deployment needs "
            "room for one more of each service.",
            given=settings.max_instances,
            allowed=f"{math.ceil(needed)} or more with this instance type and these tasks",
            example=math.ceil(needed),
        )


def _asking(path: str, service: ServiceSettings) -> str:
    if service.kind == "job":
        return path
    return f"{path}.maxReplicas" + (f" and {path}.schedules" if service.schedules else "")


@check("ecs-ec2.minInstances", "ecs-ec2.maxInstances")
def instances_ordered(case: Case) -> Iterator[Problem]:
    """The minimum is not above the maximum."""
    settings = case.at("ecs-ec2", EcsEc2Settings)
    low = ("ecs-ec2.minInstances", settings.min_instances)
    yield from ordered(case, low, ("ecs-ec2.maxInstances", settings.max_instances))
