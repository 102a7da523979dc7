"""``berth:ec2``: the machines, and how they stand to each other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Final, Literal

from components.berths.contract import Berth, Limit
from components.berths.instances import INSTANCE_TYPE, instance_architecture
from components.berths.machine_checks import too_large, wrong_processors
from components.config.checks import Case, check, does_nothing, stands_by_name
from components.config.errors import Problem
from components.config.keys import Int, Key, Model, between, matching
from components.rooms.network.settings import NetworkSettings
from components.service.settings import services_of

WEAKNESSES: Final = {
    "one-zone": "a service's machines stand in one zone, and fail with it (berth:ec2.placement.strategy is cluster)"
}
"""What production refuses unless it is accepted by name, and what it means."""
MOST_SPREAD: Final = 7
"""Running instances a zone in a placement group that spreads (EC2 user guide, "Placement groups")."""
PODMAN_RANGE: Final = "10.88.0.0/16"
"""Of podman's default bridge."""

type_name: Final = matching(
    INSTANCE_TYPE.pattern, "an EC2 instance type of the service's architecture", "is not how an EC2 instance type looks"
)


class PlacementSettings(Model):
    """``berth:ec2.placement``."""

    strategy: Annotated[
        Literal["cluster", "partition", "spread"],
        Key(
            "cluster packs the machines into one zone, close to each other; partition keeps groups of them on racks of "
            "their own; spread keeps each on a rack of its own, at most 7 a zone.",
            example="spread",
        ),
    ]
    partitions: Annotated[
        Int | None, Key("Groups of racks a zone. With strategy partition only.", between(1, 7), 3, default="2")
    ] = None


class Ec2Settings(Model):
    """``berth:ec2``."""

    instance_type: Annotated[
        str, Key("EC2 instance type; each replica of a service has a machine of its own.", type_name, "t3.medium")
    ] = "t3.small"
    max_instance_days: Annotated[
        Int,
        Key("Days after which a machine is replaced; the new one has the newest packages.", between(1, 365), 7),
    ] = 14
    placement: Annotated[
        PlacementSettings | None, Key("How a service's machines stand to each other.", default="over the zones")
    ] = None


EC2: Final = Berth(
    "ec2",
    "EC2",
    Ec2Settings,
    Key("What only ec2 needs."),
    "components.berths.ec2.host:Ec2",
    (
        Limit("Several replicas on a machine", "each has one of its own, so a small one is the least that is paid"),
        Limit("Scaling in seconds", "a new machine installs podman and pulls the image first, which takes minutes"),
        Limit("Waiting for a new version", "`up` begins to replace machines; a failure is undone by itself"),
        Limit("Scaling by memory", "EC2 measures none without an agent's metric"),
        Limit("Network policies between containers", "a service's machines have a security group of their own"),
    ),
    kinds=("web", "worker"),
    without={"memoryTargetPercent": "EC2 measures no memory"},
    weaknesses=WEAKNESSES,
    kept_ranges={PODMAN_RANGE: "the bridge that containers are on"},
)


@check("ec2.instanceType", service=("architecture", "cpu", "memory"), berth="ec2")
def a_machine_runs_a_replica(case: Case) -> Iterator[Problem]:
    """A machine has the processor that the images are built for, and holds one replica."""
    kind = case.at("ec2", Ec2Settings).instance_type
    yield from wrong_processors(case, "ec2.instanceType", kind)
    yield from too_large(case, "ec2.instanceType", kind)


@check("ec2.placement", berth="ec2")
def partitions_go_with_their_strategy(case: Case) -> Iterator[Problem]:
    """Only the strategy partition has partitions."""
    placement = case.at("ec2", Ec2Settings).placement
    if placement and placement.strategy != "partition":
        beside = f"ec2.placement.strategy: {placement.strategy}"
        yield from does_nothing(case, "ec2.placement", ["partitions"], beside, "there are none")


@check("production", "accept", "ec2.placement", berth="ec2")
def one_zone_stands_by_name(case: Case) -> Iterator[Problem]:
    """Machines in a cluster share a zone; in production somebody says so, by name."""
    placement = case.at("ec2", Ec2Settings).placement
    yield from stands_by_name(
        case,
        "one-zone",
        WEAKNESSES["one-zone"],
        "ec2.placement.strategy",
        is_open=placement is not None and placement.strategy == "cluster",
        allowed="spread or partition",
        example="spread",
    )


@check("ec2.instanceType", "ec2.placement", berth="ec2")
def a_cluster_takes_the_type(case: Case) -> Iterator[Problem]:
    """A cluster takes no burstable type (EC2 user guide, "Placement strategies for your placement groups")."""
    settings = case.at("ec2", Ec2Settings)
    if settings.placement and settings.placement.strategy == "cluster" and re.match(r"t\d", settings.instance_type):
        yield case.reading.problem(
            "ec2.instanceType",
            f"A placement group of the strategy cluster takes no {settings.instance_type}, whose CPU bursts.",
            given=settings.instance_type,
            allowed="a type of another family, e.g. m, c or r",
            example="m7g.medium" if instance_architecture(settings.instance_type) == "arm64" else "m7i.large",
        )


@check("network.zones", "ec2.placement", service=("maxReplicas", "schedules"), berth="ec2")
def a_spread_holds_the_machines(case: Case) -> Iterator[Problem]:
    """A placement group that spreads holds 7 machines a zone, half as many more while they are replaced included."""
    placement = case.at("ec2", Ec2Settings).placement
    if placement is None or placement.strategy != "spread":
        return
    zones = case.at("network", NetworkSettings).zones
    for path, service in services_of(case, "maxReplicas", "schedules"):
        most = zones * MOST_SPREAD * 2 // 3
        if service.most_replicas > most:
            yield case.reading.problem(
                f"{path}.maxReplicas",
                f"{service.most_replicas} machines, and half as many more while they are replaced, are too many for a "
                f"placement group that spreads: it holds {MOST_SPREAD} in each of {zones} zones.",
                given=service.max_replicas,
                allowed=f"{most} at most, schedules included; or strategy: partition",
                example=most,
            )
