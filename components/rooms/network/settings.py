"""``berth:network``: the VPC, made or already there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import Field

from components.config.addresses import PRIVATE_RANGES, ipv4_network
from components.config.checks import Case, check, does_nothing
from components.config.errors import Problem
from components.config.keys import Int, Key, Model, Rule, each, either, log_retention, matching, one_of
from components.rooms.network.subnets import LARGEST_VPC, SMALLEST_SUBNET, SMALLEST_VPC
from components.rooms.room import RoomSettings

INTERFACE_ENDPOINTS: Final = (
    "autoscaling",
    "ec2",
    "ec2messages",
    "ecr.api",
    "ecr.dkr",
    "ecs",
    "ecs-agent",
    "ecs-telemetry",
    "eks",
    "eks-auth",
    "elasticloadbalancing",
    "kms",
    "logs",
    "monitoring",
    "secretsmanager",
    "sns",
    "sqs",
    "ssm",
    "ssmmessages",
    "sts",
    "xray",
)
"""Services that a container, its node or its pods may call from private subnets, by the last part of
the endpoint's name ``com.amazonaws.<region>.<service>`` (AWS PrivateLink guide)."""
endpoint_services: Final = each(one_of(INTERFACE_ENDPOINTS))


def _cidr_problems(value: str) -> Iterator[str]:
    network, problem = ipv4_network(value)
    if network is None:
        yield problem
    elif not any(network.subnet_of(private) for private in PRIVATE_RANGES):
        yield f"{value} is not private: its addresses belong to others on the internet."


vpc_cidr: Final = Rule(
    f"a private IPv4 range from /16 to /23, inside {either(PRIVATE_RANGES)}; it must leave room for three zones",
    _cidr_problems,
)


def resource_ids(prefix: str) -> Rule:
    """Allow lists of at least two ids of one kind, e.g. ``subnet-``, one a zone."""
    return each(resource_id(prefix), fewest=2)


def resource_id(prefix: str) -> Rule:
    """Allow an EC2 resource's id: 8 or 17 hexadecimal digits after its prefix."""
    pattern = rf"{prefix}-([0-9a-f]{{8}}|[0-9a-f]{{17}})"
    return matching(pattern, f"{prefix}- and 8 or 17 hexadecimal digits", f"is no {prefix} id")


class ExistingNetwork(Model):
    """``berth:network.existing``: a VPC that is already there, by ids."""

    vpc_id: Annotated[str, Key("The VPC.", resource_id("vpc"), "vpc-0a1b2c3d4e5f60718")]
    private_subnet_ids: Annotated[
        list[str],
        Key(
            "Subnets with a way out, one a zone: load balancer, tasks, pods.",
            resource_ids("subnet"),
            ["subnet-0a1b2c3d4e5f60718", "subnet-0b1c2d3e4f5061728"],
        ),
    ]
    data_subnet_ids: Annotated[
        list[str],
        Key(
            "Subnets for the database, one a zone.",
            resource_ids("subnet"),
            ["subnet-0c1d2e3f405162738", "subnet-0d1e2f30415263748"],
        ),
    ]


class NetworkSettings(RoomSettings):
    """``berth:network``."""

    PRODUCTION: ClassVar[Mapping[str, Any]] = {"nat_gateways": "per-zone"}
    """Defaults of a stack that holds what must not be lost."""

    cidr: Annotated[
        str,
        Key(
            "Address range of the VPC. It can never be changed. It must not overlap what a berth in use keeps for "
            "itself, which docs/configuration.md lists.",
            vpc_cidr,
            "10.20.0.0/16",
        ),
    ] = "10.0.0.0/16"
    zones: Annotated[Int, Key("Availability zones; going from 2 to 3 moves no subnet.", one_of((2, 3)), 3)] = 2
    nat_gateways: Annotated[
        Literal["one", "per-zone"],
        Key(
            "One NAT gateway for all zones, or one a zone: dearer, and no zone depends on another.",
            example="per-zone",
            default="one, or per-zone if production",
        ),
    ] = "one"
    interface_endpoints: Annotated[
        list[str],
        Key(
            "AWS services reached by interface endpoints in the private subnets instead of NAT.",
            endpoint_services,
            ["ecr.api", "ecr.dkr", "logs"],
        ),
    ] = Field(default_factory=list)
    flow_log_retention_days: Annotated[Int, Key("Days the VPC's flow logs are kept.", log_retention, 90)] = 30
    existing: Annotated[
        ExistingNetwork | None,
        Key(
            "A VPC that is already there; no other key of berth:network may stand beside it.",
            example={
                "vpcId": "vpc-0a1b2c3d4e5f60718",
                "privateSubnetIds": ["subnet-0a1b2c3d4e5f60718", "subnet-0b1c2d3e4f5061728"],
                "dataSubnetIds": ["subnet-0c1d2e3f405162738", "subnet-0d1e2f30415263748"],
            },
            default="a VPC is created",
        ),
    ] = None


@check("network.cidr", "network.existing")
def vpc_holds_its_subnets(case: Case) -> Iterator[Problem]:
    """AWS has VPCs of /16 at most and subnets of /28 at least."""
    settings = case.at("network", NetworkSettings)
    network = IPv4Network(settings.cidr)
    if settings.existing or LARGEST_VPC <= network.prefixlen <= SMALLEST_VPC:
        return
    if network.prefixlen < LARGEST_VPC:
        problem, prefix = f"AWS has no VPC larger than /{LARGEST_VPC}.", LARGEST_VPC
    else:
        problem, prefix = (
            f"{network} is too small: its public and data subnets are a 32nd of it, so that three zones find room, and "
            f"would be smaller than AWS's smallest, /{SMALLEST_SUBNET}.",
            SMALLEST_VPC,
        )
    address = network.network_address
    yield case.reading.problem("network.cidr", problem, example=str(IPv4Network((address, prefix), strict=False)))


@check("network.existing")
def existing_network_stands_alone(case: Case) -> Iterator[Problem]:
    """With a VPC that is there nothing of the network is created, so nothing else of it can be said."""
    if case.at("network", NetworkSettings).existing:
        others = NetworkSettings.model_json_schema()["properties"].keys() - {"existing"}
        yield from does_nothing(case, "network", others, "network.existing", "no network is created")


@check("production", "network.natGateways", "network.existing")
def production_keeps_its_way_out(case: Case) -> Iterator[Problem]:
    """In production no zone's way out depends on another zone."""
    settings = case.at("network", NetworkSettings)
    if case.at("production", bool) and settings.nat_gateways == "one" and settings.existing is None:
        yield case.reading.problem(
            "network.natGateways",
            "berth:production is true. One lost zone would take every zone's way out with it.",
            allowed="per-zone, or leave it out; or production: false",
            example="per-zone",
        )
