"""ServiceSpec to ECS container definitions: pure, and known whole at preview.

The definitions are one JSON string. With one unknown value inside, the engine hides all of it, and no
policy would see ``user`` until ``up``; so every value here is a plain string, and run-time values are
named by SSM parameter.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

from components.service.spec import ContainerSecurity, ServiceSpec

LaunchType = Literal["FARGATE", "EC2"]

TMPFS_MIB = 64
"""Size of each writable path on EC2; it counts towards the container's memory."""
EXEC_PATHS = ("/var/lib/amazon", "/var/log/amazon")
"""What the ECS Exec agent writes to; without them it cannot start under a read-only root."""


@dataclass(frozen=True)
class EcsPlace:
    """Names the definitions refer to."""

    launch_type: LaunchType
    region: str
    log_group: str
    parameters: dict[str, str]
    """Environment variable to name of the SSM parameter that holds its value."""
    exec: bool = False
    """Whether ECS Exec is switched on."""


def volume_name(path: str) -> str:
    """Return the volume's name for a writable path, e.g. ``tmp`` for ``/tmp``."""
    return path.strip("/").replace("/", "-")


def volumes(security: ContainerSecurity, place: EcsPlace) -> list[Any]:
    """Return the task's volumes: one empty, task-long volume for each writable path that is no tmpfs."""
    return [{"name": volume_name(path)} for path in _volume_paths(security, place)]


def container_definitions(service: ServiceSpec, place: EcsPlace) -> str:
    """Return the task's container definitions as JSON, sorted so that order never redeploys anything.

    The service's own container comes first; where ``service.init_command`` is set, a second one runs
    it and must succeed before the first starts.
    """
    main = _container(service, place, init=False) | {
        "name": service.name,
        "essential": True,
        # In awsvpc mode the host's port is the container's; ECS fills it in, and without it each plan would differ.
        "portMappings": [
            {"containerPort": one.port, "hostPort": one.port, "protocol": "tcp"} for one in service.endpoints
        ],
    }
    if service.health_command:
        main["healthCheck"] = {
            "command": ["CMD", *service.health_command],
            "interval": 10,
            "timeout": 5,
            "retries": 3,
            "startPeriod": 30,
        }
    if not service.init_command:
        return json.dumps([main], sort_keys=True)
    init_name = f"{service.name}-init"
    init = _container(service, place, init=True) | {
        "name": init_name,
        "essential": False,
        "command": list(service.init_command),
    }
    main["dependsOn"] = [{"containerName": init_name, "condition": "SUCCESS"}]
    return json.dumps([main, init], sort_keys=True)


def _container(service: ServiceSpec, place: EcsPlace, *, init: bool) -> dict[str, Any]:
    """What every container of the task has: image, confinement, environment, logs."""
    withheld = set() if init else {binding.variable for binding in service.bindings if binding.init_only}
    return {
        "image": service.image,
        "environment": [{"name": key, "value": service.environment[key]} for key in sorted(service.environment)],
        "secrets": [
            {"name": key, "valueFrom": place.parameters[key]} for key in sorted(place.parameters) if key not in withheld
        ],
        "stopTimeout": service.shutdown_seconds,
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": place.log_group,
                "awslogs-region": place.region,
                "awslogs-stream-prefix": service.name,
                # A slow CloudWatch must not stall the service: the oldest lines of a full buffer go.
                "mode": "non-blocking",
                "max-buffer-size": "25m",
            },
        },
        **_confinement(service.security, place),
    }


def _confinement(security: ContainerSecurity, place: EcsPlace) -> dict[str, Any]:
    """Translate ContainerSecurity; the table in the architecture notes, row by row."""
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
        linux["tmpfs"] = [
            {"containerPath": path, "size": TMPFS_MIB, "mountOptions": ["rw", "noexec", "nosuid", "nodev"]}
            for path in security.writable_paths
        ]
    mounted = _volume_paths(security, place)
    if mounted:
        confined["mountPoints"] = [
            {"sourceVolume": volume_name(path), "containerPath": path, "readOnly": False} for path in mounted
        ]
    return confined


def _volume_paths(security: ContainerSecurity, place: EcsPlace) -> tuple[str, ...]:
    """Return the paths that are volumes: on Fargate, which has no tmpfs, all; on EC2 only ECS Exec's own."""
    paths = security.writable_paths if place.launch_type == "FARGATE" else ()
    return (*paths, *(EXEC_PATHS if place.exec else ()))
