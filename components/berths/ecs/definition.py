"""ServiceSpec to ECS container definitions: pure, and known whole at preview.

The definitions are one JSON string. With one unknown value inside, the engine hides all of it, and no
policy would see ``user`` until ``up``; so every value here is a plain string, and run-time values are
named by SSM parameter or secret.

The containers of a task, each confined in the same way: the service's own first, then the one of ``init_command``, its
sidecars, and the one that writes its files. They start in the opposite order.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from components.berths.ecs.sources import value_from
from components.service.spec import ServiceSpec, Sidecar, Source
from components.site import Site

LaunchType = Literal["FARGATE", "EC2"]

TMPFS_MIB = 64
"""Size of each writable path on EC2; it counts towards the container's memory."""
EXEC_PATHS = ("/var/lib/amazon", "/var/log/amazon")
"""What the ECS Exec agent writes to; without them it cannot start under a read-only root."""
PREPARED = "/volumes"
"""Folder of the numbered folders that the image in ``files/`` gives its volumes from."""


@dataclass(frozen=True)
class EcsPlace:
    """Names the definitions refer to."""

    launch_type: LaunchType
    site: Site
    log_group: str
    parameters: Mapping[str, str]
    """Environment variable to name of the SSM parameter that holds its value."""
    exec: bool = False
    """Whether ECS Exec is switched on."""
    files_image: str = ""
    """Of the container that writes files, where one is needed."""


@dataclass(frozen=True)
class _Volume:
    """A volume of the task, mounted by some of its containers."""

    name: str
    path: str
    read_only: bool = False

    def mounted(self) -> dict[str, Any]:
        return {"sourceVolume": self.name, "containerPath": self.path, "readOnly": self.read_only}


def volume_name(path: str) -> str:
    """Return the volume's name for a writable path, e.g. ``tmp`` for ``/tmp``."""
    return path.strip("/").replace("/", "-")


def volumes(service: ServiceSpec, place: EcsPlace) -> list[Any]:
    """Return the task's volumes, each of which is empty at its start and ends with it.

    One for each writable path that is no tmpfs, each sidecar's own; and one for each folder of files.
    """
    named = [
        *_own_volumes(service, place),
        *(volume for sidecar in service.sidecars for volume in _own_volumes(service, place, sidecar)),
        *_folders(service),
    ]
    return [{"name": name} for name in dict.fromkeys(volume.name for volume in named)]


def needs_files(service: ServiceSpec, launch_type: LaunchType) -> bool:
    """Say whether a container has to prepare the task's volumes.

    Beside files it is a sidecar's writable path on Fargate: only the service's own image is known to give a volume to
    the user that it runs as.
    """
    return bool(service.files) or (launch_type == "FARGATE" and bool(service.sidecars))


def container_definitions(service: ServiceSpec, place: EcsPlace) -> str:
    """Return the task's container definitions as JSON, sorted so that order never redeploys anything."""
    first: dict[str, str] = {}
    """What a container waits for, and how far that must have come."""
    found = []
    if needs_files(service, place.launch_type):
        found.append(_files(service, place))
        first = {found[-1]["name"]: "SUCCESS"}
    beside = [_sidecar(service, sidecar, place, first) for sidecar in service.sidecars]
    found += reversed(beside)
    first = first | {one["name"]: "HEALTHY" if "healthCheck" in one else "START" for one in beside}
    if service.init_command:
        found.append(_init(service, place, first))
        first = first | {found[-1]["name"]: "SUCCESS"}
    found.append(_own(service, place, first))
    return json.dumps(found[::-1], sort_keys=True)


def _own(service: ServiceSpec, place: EcsPlace, first: Mapping[str, str]) -> dict[str, Any]:
    """The service's own container; it has what its sidecars leave of the task's CPU and memory."""
    size = {}
    if service.sidecars:
        size = {
            "cpu": service.cpu - sum(sidecar.cpu for sidecar in service.sidecars),
            "memory": service.memory - sum(sidecar.memory for sidecar in service.sidecars),
        }
    withheld = {binding.variable for binding in service.bindings if binding.init_only}
    return {
        **_of_service(service, place, withheld),
        **_words("entryPoint", service.entrypoint),
        **_words("command", service.command),
        **_health(service.health_command),
        **_after(first),
        **size,
        "name": service.name,
        "essential": True,
        # In awsvpc mode the host's port is the container's; ECS fills it in, and without it each plan would differ.
        "portMappings": [
            {"containerPort": one.port, "hostPort": one.port, "protocol": "tcp"} for one in service.endpoints
        ],
    }


def _init(service: ServiceSpec, place: EcsPlace, first: Mapping[str, str]) -> dict[str, Any]:
    """The container of the command that must succeed before the service starts."""
    return {
        **_of_service(service, place, frozenset()),
        **_words("command", service.init_command),
        **_after(first),
        "name": f"{service.name}-init",
        "essential": False,
    }


def _of_service(service: ServiceSpec, place: EcsPlace, withheld: set[str] | frozenset[str]) -> dict[str, Any]:
    """What the containers of the service's own image have."""
    named = {key: name for key, name in place.parameters.items() if key not in withheld}
    return {
        "image": service.image,
        **_environment(service.environment, named | _named(place.site, service.secrets)),
        **_common(service, place, service.name, [*_own_volumes(service, place), *_folders(service)]),
    }


def _sidecar(service: ServiceSpec, sidecar: Sidecar, place: EcsPlace, first: Mapping[str, str]) -> dict[str, Any]:
    """A sidecar. A job ends with its own container: none of its sidecars is essential, or that one would end it."""
    return {
        "image": sidecar.image,
        **_environment(sidecar.environment, _named(place.site, sidecar.secrets)),
        **_words("entryPoint", sidecar.entrypoint),
        **_words("command", sidecar.command),
        **_health(sidecar.health_command),
        **_common(service, place, sidecar.name, _own_volumes(service, place, sidecar)),
        **_after(first),
        "name": sidecar.name,
        "essential": sidecar.essential and service.job is None,
        "cpu": sidecar.cpu,
        "memory": sidecar.memory,
    }


def _files(service: ServiceSpec, place: EcsPlace) -> dict[str, Any]:
    """The container that writes the files, and by being there first gives each volume the right mode.

    A project's file is in the definition, a secret is not: ``FILE_<n>_BASE64`` or the secret ``FILE_<n>``; where it
    goes is ``FILE_<n>_AT``, and where the service reads it ``FILE_<n>_PATH``.
    """
    folders = _folders(service)
    own = [volume for sidecar in service.sidecars for volume in _writable(service, place, sidecar)]
    prepared = [_Volume(volume.name, f"{PREPARED}/{number}") for number, volume in enumerate([*folders, *own])]
    at = {volume.path: one.path for volume, one in zip(folders, prepared, strict=False)}
    environment, secrets = {}, {}
    for number, file in enumerate(service.files):
        name = f"FILE_{number}"
        environment[f"{name}_PATH"] = file.path
        environment[f"{name}_AT"] = f"{at[file.folder]}/{file.path.rpartition('/')[2]}"
        if isinstance(file.content, Source):
            secrets[name] = file.content
        else:
            environment[f"{name}_BASE64"] = base64.b64encode(file.content.encode()).decode()
    return {
        "name": f"{service.name}-files",
        "essential": False,
        "image": place.files_image,
        **_environment(environment, _named(place.site, secrets)),
        **_common(service, place, service.name, prepared, tmpfs=False),
    }


def _folders(service: ServiceSpec) -> list[_Volume]:
    """Return a volume for each folder of files, as the service's containers mount it."""
    folders = sorted({file.folder for file in service.files})
    return [_Volume(f"files-{number}", folder, read_only=True) for number, folder in enumerate(folders)]


def _writable(service: ServiceSpec, place: EcsPlace, sidecar: Sidecar | None = None) -> list[_Volume]:
    """Return the volumes that a container may write to: on Fargate, which has no tmpfs, all its paths."""
    prefix = f"{sidecar.name}-" if sidecar else ""
    paths = service.security.writable_paths if place.launch_type == "FARGATE" else ()
    return [_Volume(prefix + volume_name(path), path) for path in paths]


def _own_volumes(service: ServiceSpec, place: EcsPlace, sidecar: Sidecar | None = None) -> list[_Volume]:
    """Return the volumes of a container alone: what it may write to, and what ECS Exec's agent in it does."""
    prefix = f"{sidecar.name}-" if sidecar else ""
    agent = EXEC_PATHS if place.exec else ()
    return [*_writable(service, place, sidecar), *(_Volume(prefix + volume_name(path), path) for path in agent)]


def _environment(plain: Mapping[str, str], named: Mapping[str, str]) -> dict[str, Any]:
    return {
        "environment": [{"name": key, "value": plain[key]} for key in sorted(plain)],
        "secrets": [{"name": key, "valueFrom": named[key]} for key in sorted(named)],
    }


def _named(site: Site, secrets: Mapping[str, Source]) -> dict[str, str]:
    return {name: value_from(site, source) for name, source in secrets.items()}


def _words(key: str, words: Sequence[str] | None) -> dict[str, Any]:
    return {key: list(words)} if words else {}


def _after(first: Mapping[str, str]) -> dict[str, Any]:
    waits = [{"containerName": name, "condition": condition} for name, condition in first.items()]
    return {"dependsOn": waits} if waits else {}


def _health(command: Sequence[str] | None) -> dict[str, Any]:
    if not command:
        return {}
    check = {"command": ["CMD", *command], "interval": 10, "timeout": 5, "retries": 3, "startPeriod": 30}
    return {"healthCheck": check}


def _common(
    service: ServiceSpec, place: EcsPlace, prefix: str, mounted: Sequence[_Volume], *, tmpfs: bool = True
) -> dict[str, Any]:
    """What every container of the task has: logs, an end, and confinement.

    Args:
        service: whose security it is.
        place: names that it refers to.
        prefix: of its log streams.
        mounted: the volumes that it mounts.
        tmpfs: whether it has the writable paths that are no volumes.
    """
    return {
        "stopTimeout": service.shutdown_seconds,
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": place.log_group,
                "awslogs-region": place.site.region,
                "awslogs-stream-prefix": prefix,
                # A slow CloudWatch must not stall the service: the oldest lines of a full buffer go.
                "mode": "non-blocking",
                "max-buffer-size": "25m",
            },
        },
        **_confinement(service, place, mounted, tmpfs),
    }


def _confinement(service: ServiceSpec, place: EcsPlace, mounted: Sequence[_Volume], tmpfs: bool) -> dict[str, Any]:
    """Translate ContainerSecurity; the table in the architecture notes, row by row."""
    security = service.security
    linux: dict[str, Any] = {"capabilities": {"drop": list(security.drop_capabilities)}}
    confined: dict[str, Any] = {
        "user": f"{security.uid}:{security.gid}",
        "readonlyRootFilesystem": security.read_only_root,
        "linuxParameters": linux,
    }
    if place.exec:
        linux["initProcessEnabled"] = True  # reaps what a shell session leaves behind
    if place.launch_type == "EC2":
        if security.no_new_privileges:
            confined["dockerSecurityOptions"] = ["no-new-privileges"]  # Fargate knows no such option
        if tmpfs:
            linux["tmpfs"] = [
                {"containerPath": path, "size": TMPFS_MIB, "mountOptions": ["rw", "noexec", "nosuid", "nodev"]}
                for path in security.writable_paths
            ]
    if mounted:
        confined["mountPoints"] = [volume.mounted() for volume in mounted]
    return confined
