"""``berth:ecs-fargate``: sizes and Spot."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Final

from components.berths.contract import Berth, Limit
from components.berths.ecs.settings import LIMITS, EcsSettings
from components.berths.ecs_fargate.sizes import (
    FARGATE_MEMORY_TEXT,
    FARGATE_SIZES,
    is_fargate_size,
    nearest_fargate_size,
)
from components.config.checks import Case, check
from components.config.errors import Problem
from components.config.keys import Int, Key, between, either
from components.service.settings import services_of


class EcsFargateSettings(EcsSettings):
    """``berth:ecs-fargate``."""

    on_demand_base: Annotated[Int, Key("Tasks of each service that never run on Spot.", between(1, 100_000), 2)] = 1
    spot_weight: Annotated[
        Int,
        Key(
            "Tasks beyond onDemandBase that run on Spot, for each one that does not; 0 is no Spot.",
            between(0, 1000),
            3,
        ),
    ] = 0


ECS_FARGATE: Final = Berth(
    "ecs-fargate",
    "ECS on Fargate",
    EcsFargateSettings,
    Key("What only ecs-fargate needs."),
    "components.berths.ecs_fargate.host:EcsFargate",
    (
        Limit("no-new-privileges", "no setuid program gains anything without capabilities, and all are dropped"),
        Limit("tmpfs", "/tmp is an ephemeral volume, which is on disk"),
        Limit("Privileged containers, devices, GPUs", "not needed by a web service"),
        Limit("CPU and memory in any ratio", "only certain pairs exist; the config refuses others"),
        Limit("Images cached on a machine", "each task pulls its image when it starts"),
        *LIMITS,
    ),
    shifts=True,
    formerly="berth:ecs:Fargate",
)


@check(service=("cpu", "memory"), berth="ecs-fargate")
def fargate_has_the_size(case: Case) -> Iterator[Problem]:
    """Fargate has only certain pairs of CPU and memory."""
    for path, service in services_of(case, "cpu", "memory"):
        if not is_fargate_size(service.cpu, service.memory):
            yield _wrong_size(case, path, service.cpu, service.memory)


def _wrong_size(case: Case, path: str, cpu: int, memory: int) -> Problem:
    near_cpu, near_memory = nearest_fargate_size(cpu, memory)
    if cpu not in FARGATE_SIZES:
        return case.reading.problem(
            f"{path}.cpu",
            f"Fargate has no tasks of {cpu} CPU units.",
            given=cpu,
            allowed=f"{either(FARGATE_SIZES)} on ecs-fargate; the smallest that holds {cpu} and {memory} MiB is "
            f"{near_cpu} with {near_memory} MiB",
            example=near_cpu,
        )
    closest = min(FARGATE_SIZES[cpu], key=lambda option: abs(option - memory))
    other = f"; or {near_memory} with {path}.cpu {near_cpu}" if near_cpu != cpu else ""
    return case.reading.problem(
        f"{path}.memory",
        f"Fargate has no task of {cpu} CPU units with {memory} MiB.",
        given=memory,
        allowed=f"{FARGATE_MEMORY_TEXT[cpu]} MiB with {path}.cpu {cpu}, the nearest is {closest}{other}",
        example=closest,
    )


@check(
    *("ecs-fargate.onDemandBase", "ecs-fargate.spotWeight"),
    service=("kind", "maxReplicas", "schedules"),
    berth="ecs-fargate",
)
def spot_gets_a_task(case: Case) -> Iterator[Problem]:
    """Spot capacity that can never be used is a mistake in one of three keys."""
    settings = case.at("ecs-fargate", EcsFargateSettings)
    for path, service in services_of(case, "kind", "maxReplicas", "schedules"):
        most = service.most_replicas
        # A job's one task runs on demand, too, but for onDemandBase: 0, which services need not follow.
        if service.kind != "job" and settings.spot_weight and settings.on_demand_base >= most:
            yield case.reading.problem(
                "ecs-fargate.onDemandBase",
                f"All {most} replicas of {path}.maxReplicas would run on demand, and none on Spot.",
                given=settings.on_demand_base,
                allowed=f"1 to {most - 1} with this maxReplicas; or spotWeight: 0",
                example=max(most - 1, 1),
            )
