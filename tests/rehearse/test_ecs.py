"""A task definition becomes podman's options, and nothing of it is lost in silence."""

from __future__ import annotations

import json
from typing import Any

import pytest

from berth.plan import UNKNOWN, Plan
from berth.rehearse.drivers.ecs.task import EcsTask, extract
from berth.rehearse.errors import RehearsalError
from berth.rehearse.local import ELSEWHERE
from berth.rehearse.workload import Promise
from components.service.spec import ContainerSecurity

from . import plans

SECURITY = ContainerSecurity()


def task(fargate: bool = True, **changes: Any) -> EcsTask:
    """The toy's task, with fields of the service's definition changed; None removes one."""

    def change(definition: dict[str, Any]) -> None:
        for key, value in changes.items():
            if value is None:
                definition.pop(key, None)
            else:
                definition[key] = value

    return read(plans.edit_definition(plans.ecs(fargate), change, "toy"))


def read(plan: Plan) -> EcsTask:
    """The one task of a plan."""
    [one] = plan.of_type(plans.TASK)
    return extract(plan, one, SECURITY, "prefix-")


def options(found: EcsTask, name: str = "toy") -> tuple[str, ...]:
    """Podman's options for a container."""
    return next(entry.options for entry in found.containers if entry.container.name == name)


def test_every_declared_field_is_translated() -> None:
    assert options(task()) == (
        "--user=10001:10001",
        "--read-only",
        "--read-only-tmpfs=false",
        "--env=DATABASE_SSLMODE=require",
        "--env=PORT=8080",
        "--volume=prefix-tmp:/tmp",
        "--cap-drop=ALL",
        "--cpus=0.25",
        "--memory=512m",
        "--no-healthcheck",
        "--stop-timeout=20",
    )


def test_ec2_has_what_fargate_lacks() -> None:
    found = options(task(fargate=False))
    assert "--security-opt=no-new-privileges" in found
    assert "--tmpfs=/tmp:size=64m,nosuid" in found
    assert not any(option.startswith("--volume") for option in found)


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("user", "0", "--user=0"),
        ("privileged", True, "--privileged"),
        ("workingDirectory", "/app", "--workdir=/app"),
        ("entryPoint", ["/bin/tini", "--"], '--entrypoint=["/bin/tini", "--"]'),
        ("dockerLabels", {"a": "b"}, "--label=a=b"),
        ("ulimits", [{"name": "nofile", "softLimit": 10, "hardLimit": 20}], "--ulimit=nofile=10:20"),
        ("memory", 128, "--memory=128m"),
        ("memoryReservation", 64, "--memory-reservation=64m"),
        ("cpu", 128, "--cpu-shares=128"),
        ("linuxParameters", {"capabilities": {"add": ["NET_RAW"]}}, "--cap-add=NET_RAW"),
        ("linuxParameters", {"initProcessEnabled": True}, "--init"),
        ("linuxParameters", {"sharedMemorySize": 32}, "--shm-size=32m"),
        (
            "mountPoints",
            [{"sourceVolume": "tmp", "containerPath": "/x", "readOnly": True}],
            "--volume=prefix-tmp:/x:ro",
        ),
        ("stopTimeout", None, "--stop-timeout=30"),
    ],
)
def test_option(key: str, value: Any, expected: str) -> None:
    assert expected in options(task(**{key: value}))


def test_a_containers_own_memory_replaces_the_tasks() -> None:
    assert [option for option in options(task(memory=128)) if "memory" in option] == ["--memory=128m"]


def test_what_is_absent_is_not_made_up() -> None:
    found = options(task(user=None, readonlyRootFilesystem=None, linuxParameters=None, mountPoints=None))
    assert not any(option.startswith(("--user", "--read-only", "--cap", "--volume")) for option in found)


def test_secrets_are_named_and_never_an_option() -> None:
    service = next(entry for entry in task().containers if entry.container.name == "toy")
    assert tuple(service.secrets) == plans.VARIABLES
    assert not any("DATABASE_PASSWORD" in option for option in service.options)
    values = {name: value for name, (_, value) in service.secrets.items()}
    # One that the plan knows, one that exists after creation only, and the others it does not create.
    assert {values.pop("DATABASE_NAME"), values.pop("DATABASE_HOST")} == {"toys", UNKNOWN}
    assert set(values.values()) == {ELSEWHERE}


def test_init_container_comes_first_and_is_known_as_such() -> None:
    assert [(entry.container.name, entry.container.init) for entry in task().containers] == [
        ("migrate", True),
        ("toy", False),
    ]


def test_health_check_is_asked_as_declared() -> None:
    service = task().containers[1].container
    assert [(probe.command, probe.timeout, probe.patience) for probe in service.probes] == [
        (("python", "-m", "toy.health"), 5, 30)
    ]
    shell = task(healthCheck={"command": ["CMD-SHELL", "curl -f localhost || exit 1"], "startPeriod": 60})
    assert shell.containers[1].container.probes[0].command == ("/bin/sh", "-c", "curl -f localhost || exit 1")
    assert shell.containers[1].container.probes[0].patience == 60 + 3 * 30


def test_nothing_is_dropped_in_silence() -> None:
    found = task(hostname="x", brandNew=[1], linuxParameters={"devices": [{"hostPath": "/dev/kvm"}]})
    assert set(found.not_rehearsed) == {
        "toy-task.taskRoleArn: no AWS credentials here",
        "containerDefinitions[toy].logConfiguration: logs stay with podman",
        "containerDefinitions[migrate].logConfiguration: logs stay with podman",
        "containerDefinitions[toy].hostname: the pod's host name is shared",
        "containerDefinitions[toy].brandNew: berth has no translation for it",
        "containerDefinitions[toy].linuxParameters.devices: berth has no translation for it",
    }


@pytest.mark.parametrize(
    ("changes", "promise", "place"),
    [
        ({"user": "0"}, Promise.USER, 'containerDefinitions[toy].user is "0"'),
        ({"user": None}, Promise.USER, "containerDefinitions[toy].user is absent"),
        ({"user": "10001"}, Promise.USER, 'containerDefinitions[toy].user is "10001"'),
        ({"privileged": True}, Promise.CAPABILITIES, "containerDefinitions[toy].privileged is true"),
        (
            {"linuxParameters": {"capabilities": {"drop": ["ALL"], "add": ["NET_RAW"]}}},
            Promise.CAPABILITIES,
            'containerDefinitions[toy].linuxParameters.capabilities is {"drop": ["ALL"], "add": ["NET_RAW"]}',
        ),
        (
            {"linuxParameters": None},
            Promise.CAPABILITIES,
            "containerDefinitions[toy].linuxParameters.capabilities is absent",
        ),
        (
            {"readonlyRootFilesystem": False},
            Promise.READ_ONLY_ROOT,
            "containerDefinitions[toy].readonlyRootFilesystem is false",
        ),
        (
            {"mountPoints": [{"sourceVolume": "tmp", "containerPath": "/app"}]},
            Promise.WRITABLE_PATHS,
            "containerDefinitions[toy].mountPoints makes /app writable",
        ),
    ],
)
def test_a_broken_promise_is_named(changes: dict[str, Any], promise: Promise, place: str) -> None:
    declared = task(**changes).containers[1].container.declared
    assert {key: one.text for key, one in declared.items() if not one.kept} == {promise: place}


def test_promises_are_kept_as_planned() -> None:
    for fargate in (True, False):
        for entry in task(fargate).containers:
            assert all(declaration.kept for declaration in entry.container.declared.values())
            assert entry.container.declared[Promise.NO_NEW_PRIVILEGES].possible is not fargate


def test_no_new_privileges_is_demanded_on_ec2() -> None:
    declared = task(fargate=False, dockerSecurityOptions=None).containers[1].container.declared
    assert not declared[Promise.NO_NEW_PRIVILEGES].kept


def test_exec_agents_paths_break_no_promise() -> None:
    mounts = [{"sourceVolume": "tmp", "containerPath": path} for path in ("/tmp", "/var/lib/amazon", "/var/log/amazon")]
    assert task(mountPoints=mounts).containers[1].container.declared[Promise.WRITABLE_PATHS].kept


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"dependsOn": [{"containerName": "nobody", "condition": "START"}]},
            "'nobody', which is none of the containers",
        ),
        ({"dependsOn": [{"containerName": "toy", "condition": "START"}]}, "round in a circle"),
        ({"mountPoints": [{"sourceVolume": "data", "containerPath": "/x"}]}, "it declares: tmp"),
        ({"dockerSecurityOptions": ["apparmor:x"]}, "'apparmor:x'"),
        ({"healthCheck": {"command": ["true"]}}, "healthCheck.command is"),
    ],
)
def test_what_cannot_run_is_an_error_that_names_the_place(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(RehearsalError, match=r"containerDefinitions|dependsOn") as error:
        task(**changes)
    assert message in str(error.value)


@pytest.mark.parametrize("text", [UNKNOWN, "no json", "[]", '[{"name": "x"}]', None])
def test_unusable_definitions_are_an_error(text: object) -> None:
    broken = plans.edit(plans.ecs(), plans.TASK, lambda inputs: inputs.update(containerDefinitions=text))
    with pytest.raises(RehearsalError, match=r"toy-task.containerDefinitions"):
        read(broken)


def test_volumes_outside_the_task_are_an_error() -> None:
    volumes = [{"name": "tmp", "efsVolumeConfiguration": {"fileSystemId": "fs-1"}}]
    broken = plans.edit(plans.ecs(), plans.TASK, lambda inputs: inputs.update(volumes=volumes))
    with pytest.raises(RehearsalError, match=r"volumes\[tmp\].efsVolumeConfiguration"):
        read(broken)


def files(entry: dict[str, Any]) -> Plan:
    """The toy with a container that writes a file for it and ends first."""

    def change(inputs: dict[str, Any]) -> None:
        found = json.loads(inputs["containerDefinitions"])
        service = next(one for one in found if one["name"] == "toy")
        service["mountPoints"].append({"sourceVolume": "files-0", "containerPath": "/etc/shop", "readOnly": True})
        service["dependsOn"].append({"containerName": "toy-files", "condition": "SUCCESS"})
        mounts = [{"sourceVolume": "files-0", "containerPath": "/volumes/0", "readOnly": False}]
        writer = {key: service[key] for key in ("user", "readonlyRootFilesystem", "linuxParameters")}
        writer |= {"name": "toy-files", "image": "writer", "essential": False, "mountPoints": mounts, **entry}
        inputs["containerDefinitions"] = json.dumps([*found, writer])
        inputs["volumes"].append({"name": "files-0"})

    return plans.edit(plans.ecs(), plans.TASK, change)


def test_who_fills_a_volume_for_others_may_write_it_and_needs_no_path_of_its_own() -> None:
    found = {entry.container.name: entry for entry in read(files({})).containers}
    assert (found["toy-files"].container.init, found["toy-files"].container.handed_on) == (True, ("/volumes/0",))
    assert all(entry.container.declared[Promise.WRITABLE_PATHS].kept for entry in found.values())
    assert "--volume=prefix-files-0:/etc/shop:ro" in found["toy"].options
    more = [{"sourceVolume": name, "containerPath": path} for name, path in (("files-0", "/a"), ("tmp", "/b"))]
    greedy = {entry.container.name: entry for entry in read(files({"mountPoints": more})).containers}
    assert greedy["toy-files"].container.handed_on == ("/a", "/b")
    # Nobody who waits for it has this one.
    lost = [*more, {"sourceVolume": "other", "containerPath": "/c"}]
    plan = plans.edit(
        files({"mountPoints": lost}), plans.TASK, lambda inputs: inputs["volumes"].append({"name": "other"})
    )
    declared = next(one.container for one in read(plan).containers if one.container.name == "toy-files").declared
    assert not declared[Promise.WRITABLE_PATHS].kept


def test_a_secret_file_is_known_by_its_path() -> None:
    secrets = [{"name": "FILE_1", "valueFrom": "arn:aws:secretsmanager:us-east-1:1:secret:tls"}]
    paths = [{"name": "FILE_1_PATH", "value": "/etc/shop/key.pem"}, {"name": "KEY_PATH", "value": "/x"}]
    entries = read(files({"secrets": secrets, "environment": paths})).containers
    writer = next(entry for entry in entries if entry.container.name == "toy-files")
    assert writer.files == {"FILE_1": "/etc/shop/key.pem"}
    assert writer.secrets["FILE_1"][1] is ELSEWHERE
