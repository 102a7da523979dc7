"""Plans made by hand: a handful of resources, each with just the inputs that a price depends on."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from berth.cost.pricelist import Price, PriceList
from berth.plan import Plan, Resource


def resource(type_: str, name: str, inputs: Mapping[str, Any] | None = None, **fields: Any) -> Resource:
    return Resource(
        urn=f"urn:pulumi:made::toy::{type_}::{name}",
        type=type_,
        name=name,
        parent=fields.pop("parent", None),
        inputs=inputs or {},
        **fields,
    )


def made(*resources: Resource, **fields: Any) -> Plan:
    return Plan(stack="made", resources=resources, outputs=fields.pop("outputs", {}), **fields)


def prices(region: str = "made-1", **amounts: str) -> PriceList:
    """Return a list with the given amounts; ``nat_hour`` is the key ``nat.hour``."""
    return PriceList(
        region=region,
        date="2026-01-02",
        prices={
            (key := name.replace("_", ".")): Price(key, "unit", Decimal(amount), "page", "https://example.com/prices")
            for name, amount in amounts.items()
        },
    )


def fargate(cpu: str = "512", memory: str = "1024", tasks: int = 2, **task: Any) -> Plan:
    definition = resource("aws:ecs/taskDefinition:TaskDefinition", "task", {"cpu": cpu, "memory": memory, **task})
    service = resource(
        "aws:ecs/service:Service",
        "service",
        {"desiredCount": tasks, "capacityProviderStrategies": [{"capacityProvider": "FARGATE", "weight": 1}]},
        property_dependencies={"taskDefinition": (definition.urn,)},
    )
    return made(definition, service)


def machines(minimum: int = 2, type_: str = "t3.small") -> Plan:
    template = resource(
        "aws:ec2/launchTemplate:LaunchTemplate",
        "machine",
        {
            "instanceType": type_,
            "blockDeviceMappings": [{"ebs": {"volumeSize": 30, "volumeType": "gp3"}}],
            "monitoring": {"enabled": True},
        },
    )
    group = resource("aws:autoscaling/group:Group", "machines", {"minSize": minimum}, dependencies=(template.urn,))
    return made(template, group)


def database(multi: bool = False) -> Plan:
    inputs = {
        "engine": "postgres",
        "instanceClass": "db.t4g.micro",
        "allocatedStorage": 20.0,
        "storageType": "gp3",
        "multiAz": multi,
    }
    return made(resource("aws:rds/instance:Instance", "db", inputs))


def cluster() -> Plan:
    node_class = resource(
        "kubernetes:eks.amazonaws.com/v1:NodeClass", "class", {"spec": {"ephemeralStorage": {"size": "40Gi"}}}
    )
    return made(
        resource("eks:index:Cluster", "eks", {"autoMode": {"enabled": True}}, custom=False, remote=True), node_class
    )


def network() -> Plan:
    return made(resource("aws:ec2/natGateway:NatGateway", "nat"), resource("aws:ec2/eip:Eip", "nat"))
