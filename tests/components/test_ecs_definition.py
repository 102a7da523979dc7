"""ServiceSpec to ECS container definitions, held against AWS's own model of RegisterTaskDefinition."""

from __future__ import annotations

import json
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator

from components.berths.ecs.definition import EcsPlace, container_definitions, volumes
from components.service.spec import ContainerSecurity
from tests.components.specs import SERVICE, SITE, service


def place(launch_type: Any = "FARGATE", **changes: Any) -> EcsPlace:
    parameters = {binding.variable: f"/berth/x/{binding.slug}" for binding in SERVICE.bindings}
    return EcsPlace(launch_type, SITE, "/berth/x", parameters, **changes)


def containers(where: EcsPlace, **changes: Any) -> list[dict[str, Any]]:
    definitions: list[dict[str, Any]] = json.loads(container_definitions(service(**changes), where))
    return definitions


@pytest.mark.parametrize("launch_type", ["FARGATE", "EC2"])
@pytest.mark.parametrize("exec_on", [False, True])
def test_definitions_fit_the_service_model(launch_type: str, exec_on: bool) -> None:
    model = botocore.session.get_session().get_service_model("ecs")
    where = place(launch_type, exec=exec_on)
    request = {
        "family": "x",
        "containerDefinitions": containers(where),
        "volumes": volumes(SERVICE, where),
    }
    report = ParamValidator().validate(request, model.operation_model("RegisterTaskDefinition").input_shape)
    assert not report.has_errors(), report.generate_report()


@pytest.mark.parametrize("launch_type", ["FARGATE", "EC2"])
def test_every_container_is_confined(launch_type: str) -> None:
    definitions = containers(place(launch_type))
    assert [item["name"] for item in definitions] == ["biometric", "biometric-init"]
    for item in definitions:
        assert item["user"] == "10001:10001"
        assert item["readonlyRootFilesystem"] is True
        assert item["linuxParameters"]["capabilities"] == {"drop": ["ALL"]}
        assert not item.get("privileged")


def test_confinement_follows_container_security() -> None:
    [item, _] = containers(place("EC2"), security=ContainerSecurity(uid=20002, gid=20003, writable_paths=("/work",)))
    assert item["user"] == "20002:20003"
    assert [mount["containerPath"] for mount in item["linuxParameters"]["tmpfs"]] == ["/work"]


def test_tmp_is_a_volume_on_fargate_and_tmpfs_on_ec2() -> None:
    [fargate, _], [ec2, _] = containers(place("FARGATE")), containers(place("EC2"))
    assert fargate["mountPoints"] == [{"sourceVolume": "tmp", "containerPath": "/tmp", "readOnly": False}]
    assert volumes(SERVICE, place("FARGATE")) == [{"name": "tmp"}]
    assert "tmpfs" not in fargate["linuxParameters"]  # Fargate refuses it
    assert ec2["linuxParameters"]["tmpfs"][0]["containerPath"] == "/tmp"
    assert volumes(SERVICE, place("EC2")) == []


def test_no_new_privileges_only_where_ecs_takes_it() -> None:
    assert containers(place("EC2"))[0]["dockerSecurityOptions"] == ["no-new-privileges"]
    assert "dockerSecurityOptions" not in containers(place("FARGATE"))[0]


def test_bindings_are_named_and_never_written() -> None:
    text = container_definitions(SERVICE, place())
    assert "hunter2" not in text and "db.example" not in text
    assert json.loads(text)[0]["secrets"] == [
        {"name": "DATABASE_HOST", "valueFrom": "/berth/x/database-host"},
        {"name": "DATABASE_PASSWORD", "valueFrom": "/berth/x/database-password"},
    ]


def test_init_command_must_succeed_first() -> None:
    [main, init] = containers(place())
    assert main["dependsOn"] == [{"containerName": "biometric-init", "condition": "SUCCESS"}]
    assert init["command"] == ["python", "-m", "biometric.migrate"] and init["essential"] is False
    [alone] = containers(place(), init_command=None)
    assert "dependsOn" not in alone


def test_health_command_is_optional() -> None:
    assert containers(place())[0]["healthCheck"]["command"] == ["CMD", "python", "-m", "biometric.health"]
    assert "healthCheck" not in containers(place(), health_command=None)[0]


def test_order_of_the_environment_changes_nothing() -> None:
    one = container_definitions(service(environment={"A": "1", "B": "2"}), place())
    other = container_definitions(service(environment={"B": "2", "A": "1"}), place())
    assert one == other


def test_exec_gets_its_writable_paths_and_an_init_process() -> None:
    main = containers(place(exec=True))[0]
    assert main["linuxParameters"]["initProcessEnabled"] is True
    assert {mount["containerPath"] for mount in main["mountPoints"]} == {"/tmp", "/var/lib/amazon", "/var/log/amazon"}
