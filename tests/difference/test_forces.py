"""The table is held against AWS's own models, where a row names the operation that could change it."""

from __future__ import annotations

import functools
import re
from typing import Any

import botocore.session
import pytest

from berth.difference.forces import forces_replacement
from berth.difference.outcome import Element
from berth.resource_types import RESOURCE_TYPES

FORCES = {token: kind.replaced_by for token, kind in RESOURCE_TYPES.items() if kind.replaced_by}
OPERATIONS = {token: row for token, row in FORCES.items() if re.fullmatch(r"[a-z0-9]+:[A-Za-z0-9]+", row.source)}


@functools.cache
def model(service: str) -> Any:
    return botocore.session.Session().get_service_model(service)


@pytest.mark.parametrize("token", OPERATIONS)
def test_the_operation_does_not_take_the_property(token: str) -> None:
    row = OPERATIONS[token]
    service, name = row.source.split(":")
    shape = model(service).operation_model(name).input_shape
    # A required member says which object is meant; it is not what the operation changes.
    optional = {member.lower() for member in shape.members} - {member.lower() for member in shape.required_members}
    # What says which object is meant where AWS does not mark it as required, and the provider's word for it.
    optional -= {"launchtemplatename", "cluster", "destinationcidrblock", "destinationprefixlistid"}
    assert not {item.lower() for item in row.properties} & optional


def test_every_row_has_a_source() -> None:
    assert all(row.source and row.properties for row in FORCES.values())


@pytest.mark.parametrize(
    ("token", "path", "replaces"),
    [
        ("aws:lb/targetGroup:TargetGroup", ("port",), True),
        ("aws:lb/targetGroup:TargetGroup", ("healthCheck", "port"), False),
        ("aws:ecs/taskDefinition:TaskDefinition", ("containerDefinitions", Element("app"), "cpu"), True),
        ("aws:ecs/taskDefinition:TaskDefinition", ("tags", "a"), False),
        ("aws:ecs/capacityProvider:CapacityProvider", ("autoScalingGroupProvider", "autoScalingGroupArn"), True),
        ("aws:ecs/capacityProvider:CapacityProvider", ("autoScalingGroupProvider", "managedScaling"), False),
        ("aws:apigatewayv2/vpcLink:VpcLink", ("subnetIds", 1), True),
        ("kubernetes:apps/v1:Deployment", ("metadata", "namespace"), True),
        ("kubernetes:apps/v1:Deployment", ("spec", "selector", "matchLabels", "app"), True),
        ("kubernetes:apps/v1:Deployment", ("spec", "replicas"), False),
        ("kubernetes:core/v1:ConfigMap", ("data", "KEY"), True),
        ("nobody:knows:This", ("name",), False),
    ],
)
def test_forces_replacement(token: str, path: tuple[str | int, ...], replaces: bool) -> None:
    assert bool(forces_replacement(token, path)) is replaces


@pytest.mark.parametrize(
    ("asked", "replaces"),
    [((), False), (("*",), True), (("build",), True), (("build.args",), True), (("name",), False)],
)
def test_a_program_may_ask_for_a_replacement(asked: tuple[str, ...], replaces: bool) -> None:
    assert bool(forces_replacement("docker:index/image:Image", ("build", "args", "A"), asked)) is replaces
