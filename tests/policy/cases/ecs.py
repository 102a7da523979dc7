"""The cases of the rules on task definitions, and the definitions they are made of."""

from __future__ import annotations

import json
from typing import Any

from ..support import REMOVED, Inputs, Planned, edited
from ..table import TOPIC, Cases, each_of
from .kubernetes import each_with

TASK = "aws:ecs/taskDefinition:TaskDefinition"
STACK = "aws:cloudformation/stack:Stack"


def definition() -> Inputs:
    """Return an ECS container definition that every rule is content with."""
    return {
        "name": "app",
        "image": "example/app:1",
        "user": "10001:10001",
        "readonlyRootFilesystem": True,
        "dockerSecurityOptions": ["no-new-privileges"],
        "linuxParameters": {"capabilities": {"drop": ["ALL"]}},
        "environment": [{"name": "MODE", "value": "fast"}],
        "secrets": [{"name": "DB_PASSWORD", "valueFrom": "/it/password"}],
        "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "/it"}},
    }


def task(path: str = "name", value: Any = "app", **more: Any) -> Planned:
    """Return a good task definition, as a list of objects, with one place of its first container edited."""
    containers = [edited(definition(), path, value), definition() | {"name": "sidecar"}]
    return Planned(TASK, {"family": "it", "networkMode": "awsvpc", "containerDefinitions": containers, **more})


def as_json(resource: Planned) -> Planned:
    """Return the task definition with its containers as the JSON string that the AWS provider takes."""
    text = json.dumps(resource.inputs["containerDefinitions"])
    return Planned(resource.type, resource.inputs | {"containerDefinitions": text})


SOCKET_PATHS = ("/var/run/docker.sock", "/run/docker.sock", "//run/../run/docker.sock", "/", "/var/run/", "/run")
ROOT_SPELLINGS = ("", "root", "0", "0:1000", "root:app", "00", "+0", "-0", " 0 ", "0 :0", ":10001", "Root", "toor")

WINDOWS_TASK: dict[str, Any] = {"runtimePlatform": {"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"}}

ECS: dict[str, Cases] = {
    "ecs-non-root": Cases(
        good=[task(), task("user", "app"), task("user", "1"), task("user", REMOVED, **WINDOWS_TASK)],
        bad=each_with(task, "user", REMOVED, None, *ROOT_SPELLINGS)
        + [task("user", user) for user in ("-1", "99999999999", "two words", 10001, ["10001"])]
        + [
            Planned(TASK, {"containerDefinitions": [definition(), definition() | {"user": "0"}]}),
            Planned(TASK, {"containerDefinitions": []}),
            Planned(TASK, {}),
            Planned("aws-native:ecs:TaskDefinition", {"containerDefinitions": [{"name": "app"}]}),
        ],
    ),
    "ecs-not-privileged": Cases(
        good=[task(), task("privileged", False)], bad=[task("privileged", True), task("privileged", "true")]
    ),
    "ecs-no-added-capabilities": Cases(
        good=[task(), task("linuxParameters.capabilities.add", [])],
        bad=[task("linuxParameters.capabilities.add", ["SYS_PTRACE"])],
    ),
    "ecs-drop-capabilities": Cases(
        good=[task(), task("linuxParameters", REMOVED, **WINDOWS_TASK)],
        bad=[task("linuxParameters", REMOVED), task("linuxParameters.capabilities.drop", ["NET_RAW"])],
    ),
    "ecs-read-only-root": Cases(
        good=[task(), task("readonlyRootFilesystem", REMOVED, **WINDOWS_TASK)],
        bad=[task("readonlyRootFilesystem", value) for value in (REMOVED, False, None, "true")],
    ),
    "ecs-no-new-privileges": Cases(
        good=[task(), task("dockerSecurityOptions", ["no-new-privileges:true"])],
        bad=[
            *each_with(task, "dockerSecurityOptions", REMOVED, ["no-new-privileges:false"]),
            task("dockerSecurityOptions", [], requiresCompatibilities=["EC2"]),
        ],
        foreign=[
            TOPIC,
            task("dockerSecurityOptions", REMOVED, requiresCompatibilities=["FARGATE"]),
            task("dockerSecurityOptions", REMOVED, **WINDOWS_TASK),
        ],
    ),
    "ecs-confined": Cases(
        good=[task(), task("dockerSecurityOptions", ["apparmor:strict"])],
        bad=[
            task("dockerSecurityOptions", [option])
            for option in ("seccomp=unconfined", "apparmor:unconfined", "label:disable", "no-new-privileges:false")
        ],
    ),
    "ecs-no-host-devices": Cases(
        good=[task(), task("linuxParameters.devices", [])],
        bad=[task("linuxParameters.devices", [{"hostPath": "/dev/sda", "permissions": ["read"]}])],
    ),
    "ecs-no-plain-secrets": Cases(
        good=[task(), task("environment", [{"name": "TOKEN_URL", "value": "x"}, {"name": "DB_HOST", "value": "y"}])],
        bad=[
            task("environment", [{"name": name, "value": "hunter2"}])
            for name in ("DB_PASSWORD", "password", "AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "API_KEY", "X_TOKEN")
        ],
    ),
    "ecs-log-configuration": Cases(
        good=[task()], bad=[task("logConfiguration", REMOVED), task("logConfiguration", {"options": {}})]
    ),
}

for _cases in ECS.values():
    # Either way of writing the containers gets the same verdict.
    _cases.good += [as_json(one) for one in _cases.good if one.type == TASK]
    _cases.bad += [as_json(one) for one in _cases.bad if one.inputs.get("containerDefinitions") and one.type == TASK]
    _cases.bad += [
        Planned(TASK, {"containerDefinitions": text})
        for text in ("not JSON", "{}", "null", "[]", '[{"name": "a", "user": "1", "User": "0"}]', '["app"]')
    ]

ECS |= {
    "ecs-windows-non-administrator": Cases(
        good=[task("user", "ContainerUser", **WINDOWS_TASK)],
        bad=[
            task("user", user, **WINDOWS_TASK)
            for user in (REMOVED, "ContainerAdministrator", r"NT AUTHORITY\SYSTEM", "0")
        ],
        foreign=[TOPIC, task("user", REMOVED)],
    ),
    "ecs-nothing-opaque": Cases(
        good=[
            Planned("aws-native:cloudformation:Stack", {"templateBody": {"Resources": {}}}),
            *each_of(STACK, {"templateBody": "{}"}, {"templateBody": "Resources: {}"}),
        ],
        bad=each_of(STACK, {"templateUrl": "https://example.com/template"}, {"templateBody": "a: ["}, {}),
        foreign=[TOPIC, task()],
    ),
    "ecs-no-host-namespaces": Cases(
        good=[task(), task(pidMode="task", ipcMode="none")],
        bad=[task(pidMode="host"), task(ipcMode="host"), task(networkMode="host")],
    ),
    "ecs-no-runtime-socket": Cases(
        good=[task(), task(volumes=[{"name": "data", "hostPath": "/srv/data"}, {"name": "tmp"}])],
        bad=[task(volumes=[{"name": "tmp"}, {"name": "v", "hostPath": path}]) for path in SOCKET_PATHS]
        + [
            task(volumes=[{"name": "v", "host": {"sourcePath": "/run/containerd/containerd.sock"}}]),
            task(
                volumes=[{"name": "v", "dockerVolumeConfiguration": {"driverOpts": {"device": "/var/run/docker.sock"}}}]
            ),
        ],
    ),
}
