"""ServiceSpec to a Compose file: pure, and known whole at preview.

Written as JSON, which is YAML as well: what prepares a machine needs nothing but Python to read the same file. No
secret is in it. ``x-secrets`` of a container says where each lies, and the machine writes them into the file that
``env_file`` names, in memory and root's alone; ``x-berth`` says the same of files, and which role the service has.

All containers of a service share one network, as those of a task or pod do. A container that joins another's network
has to start after it, and sidecars start before the service: so the first sidecar's network is that of all, and ends
with it. The load balancer then takes the machine for ill, and it is replaced.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from components.berths.ecs.sources import value_from
from components.service.spec import ServiceSpec, Sidecar, Source
from components.site import Site

RUN: Final = "/run/berth"
"""Folder on the machine, in memory, of what no bundle holds."""
CREDENTIALS: Final = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
"""Tells every SDK of AWS where a container's credentials are; the address is the one that ECS has for it."""
CREDENTIALS_URL: Final = "http://169.254.170.2/credentials"
TMPFS_MIB: Final = 64
"""Size of each writable path; it counts towards the container's memory."""


@dataclass(frozen=True)
class ComposePlace:
    """Names that the file refers to."""

    site: Site
    log_group: str
    parameters: Mapping[str, str]
    """Environment variable to name of the SSM parameter that holds its value."""
    role: str | None = None
    """ARN of the role whose credentials the containers are given; None where the service has no rights on AWS."""


def compose_file(service: ServiceSpec, place: ComposePlace) -> str:
    """Return the Compose file as JSON, sorted so that order never redeploys anything."""
    first: dict[str, str] = {}
    """What a container waits for, and how far that must have come."""
    network = service.sidecars[0].name if service.sidecars else service.name
    services: dict[str, Any] = {}
    for sidecar in service.sidecars:
        services[sidecar.name] = _sidecar(service, sidecar, place)
        first[sidecar.name] = "service_healthy" if sidecar.health_command else "service_started"
    if service.init_command:
        services[f"{service.name}-init"] = _init(service, place, first)
        first = first | {f"{service.name}-init": "service_completed_successfully"}
    services[service.name] = _own(service, place, first)
    for name, container in services.items():
        if name != network and service.sidecars:
            container["network_mode"] = f"service:{network}"
    if service.endpoints:
        services[network]["ports"] = [f"{one.port}:{one.port}" for one in service.endpoints]
    prepared: dict[str, Any] = {
        "region": place.site.region,
        "files": _files(service, place),
        "health": [{"port": one.port, "path": one.health_path} for one in service.endpoints],
    }
    if place.role:
        prepared["role"] = place.role
    document = {"services": services, "x-berth": prepared}
    return json.dumps(_literal(document), indent=1, sort_keys=True) + "\n"


def _own(service: ServiceSpec, place: ComposePlace, first: Mapping[str, str]) -> dict[str, Any]:
    """The service's own container; it has what its sidecars leave of the service's CPU and memory."""
    withheld = {binding.variable for binding in service.bindings if binding.init_only}
    return {
        **_of_service(service, place, service.name, withheld),
        **_words("entrypoint", service.entrypoint),
        **_words("command", service.command),
        **_health(service.health_command),
        **_after(first),
        **_size(
            service.cpu - sum(one.cpu for one in service.sidecars),
            service.memory - sum(one.memory for one in service.sidecars),
        ),
        "restart": "always",
    }


def _init(service: ServiceSpec, place: ComposePlace, first: Mapping[str, str]) -> dict[str, Any]:
    """The container of the command that must succeed before the service starts, on each machine."""
    return {
        **_of_service(service, place, f"{service.name}-init", frozenset()),
        **_words("command", service.init_command),
        **_health(None),
        **_after(first),
        **_size(service.cpu, service.memory),
        "restart": "no",
    }


def _of_service(
    service: ServiceSpec, place: ComposePlace, name: str, withheld: set[str] | frozenset[str]
) -> dict[str, Any]:
    """What the containers of the service's own image have."""
    named = {key: one for key, one in place.parameters.items() if key not in withheld}
    named |= {key: value_from(place.site, source) for key, source in service.secrets.items()}
    mounted = [
        {"type": "bind", "source": folder, "target": path, "read_only": True}
        for path, folder in _folders(service).items()
    ]
    return {
        "image": service.image,
        **_environment(service.environment, named, name, place),
        **_common(service, place, name),
        **({"volumes": mounted} if mounted else {}),
    }


def _sidecar(service: ServiceSpec, sidecar: Sidecar, place: ComposePlace) -> dict[str, Any]:
    """A sidecar. One that ends is started again, whatever its ``essential`` says, as in a pod."""
    named = {key: value_from(place.site, source) for key, source in sidecar.secrets.items()}
    return {
        "image": sidecar.image,
        **_environment(sidecar.environment, named, sidecar.name, place),
        **_words("entrypoint", sidecar.entrypoint),
        **_words("command", sidecar.command),
        **_health(sidecar.health_command),
        **_common(service, place, sidecar.name),
        **_size(sidecar.cpu, sidecar.memory),
        "restart": "always",
    }


def _environment(plain: Mapping[str, str], named: Mapping[str, str], name: str, place: ComposePlace) -> dict[str, Any]:
    found: dict[str, Any] = {"environment": {**plain, **({CREDENTIALS: CREDENTIALS_URL} if place.role else {})}}
    if named:
        found |= {"env_file": [f"{RUN}/{name}.env"], "x-secrets": dict(named)}
    return found


def _folders(service: ServiceSpec) -> dict[str, str]:
    """Return for each folder of the service's files the one on the machine that is mounted there."""
    folders = sorted({file.folder for file in service.files})
    return {folder: f"{RUN}/files/{number}" for number, folder in enumerate(folders)}


def _files(service: ServiceSpec, place: ComposePlace) -> list[dict[str, str]]:
    """Return where each file goes on the machine, and its text or where that lies."""
    folders = _folders(service)
    found = []
    for file in service.files:
        at = f"{folders[file.folder]}/{file.path.rpartition('/')[2]}"
        if isinstance(file.content, Source):
            found.append({"path": file.path, "at": at, "secret": value_from(place.site, file.content)})
        else:
            found.append({"path": file.path, "at": at, "content": file.content})
    return found


def _words(key: str, words: Sequence[str] | None) -> dict[str, Any]:
    return {key: list(words)} if words else {}


def _after(first: Mapping[str, str]) -> dict[str, Any]:
    return {"depends_on": {name: {"condition": condition} for name, condition in first.items()}} if first else {}


def _health(command: Iterable[str] | None) -> dict[str, Any]:
    if not command:
        return {"healthcheck": {"disable": True}}  # the image may have one of its own
    check = {"test": ["CMD", *command], "interval": "10s", "timeout": "5s", "retries": 3, "start_period": "30s"}
    return {"healthcheck": check}


def _size(cpu: int, memory: int) -> dict[str, Any]:
    """Return shares of the machine's CPU, which is the service's alone, and a hard limit of memory."""
    return {"cpu_shares": cpu, "mem_limit": f"{memory}m"}


def _common(service: ServiceSpec, place: ComposePlace, name: str) -> dict[str, Any]:
    """What every container has: logs, an end, and confinement (the table in the architecture notes, row by row)."""
    security = service.security
    confined: dict[str, Any] = {
        "user": f"{security.uid}:{security.gid}",
        "read_only": security.read_only_root,
        "cap_drop": list(security.drop_capabilities),
        "tmpfs": [f"{path}:rw,noexec,nosuid,nodev,size={TMPFS_MIB}m" for path in security.writable_paths],
    }
    if security.no_new_privileges:
        confined["security_opt"] = ["no-new-privileges:true"]
    return {
        **confined,
        "stop_grace_period": f"{service.shutdown_seconds}s",
        "logging": {
            "driver": "awslogs",
            "options": {
                "awslogs-group": place.log_group,
                "awslogs-region": place.site.region,
                "tag": f"{service.name}/{name}/{{{{.ID}}}}",
                # A slow CloudWatch must not stall the service: the oldest lines of a full buffer go.
                "mode": "non-blocking",
                "max-buffer-size": "25m",
            },
        },
    }


def _literal(value: Any) -> Any:
    """Return a value with every dollar doubled: Compose puts variables of the machine in place of ``$NAME``."""
    if isinstance(value, str):
        return value.replace("$", "$$")
    if isinstance(value, Mapping):
        return {key: _literal(part) for key, part in value.items()}
    return [_literal(part) for part in value] if isinstance(value, list) else value
