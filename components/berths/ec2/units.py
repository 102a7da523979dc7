"""ServiceSpec to units of Quadlet, in which podman and systemd run containers: pure, and known whole at preview.

systemd runs them in the order that a task of ECS or a pod has: the service's sidecars, the container of
``init_command``, the service's own. Root's podman starts them, each as the service's user; with sidecars they are one
pod, which shares its network and nothing else. Sources: podman-systemd.unit(5) of podman 5.6, systemd.service(5).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from components.service.spec import ServiceSpec, Sidecar, Source

FOLDER = "/etc/containers/systemd"
"""Where Quadlet looks for units."""
FILES = "/etc/berth/files"
LOGS = "/var/log/berth"
VALUES = "berth_values"
"""Unit that gives podman the newest secrets; no container has an underscore in its name."""
TMPFS_MIB = 64
"""Size of each writable path; it counts towards the container's memory."""
METADATA = "169.254.169.254"
"""Address of EC2's metadata service, which speaks for the machine."""
CREDENTIALS_PATH = "/role"

Entries = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Place:
    """What the units refer to beside the service."""

    secrets: Mapping[Source, str]
    """Names that podman knows secrets by."""
    parameters: Mapping[str, str]
    """Environment variable to name of the parameter that holds its value."""
    region: str


def secret_names(service: ServiceSpec, parameters: Mapping[str, str]) -> dict[Source, str]:
    """Return podman's name of each value that is read at the start: of the bindings' parameters and of all secrets."""
    bound = [Source(parameter=name) for name in parameters.values()]
    return {source: f"berth-{number}" for number, source in enumerate(dict.fromkeys([*bound, *service.sources]))}


def unit_name(container: str) -> str:
    """Return the name of a container's unit: none of the machine's own has it."""
    return f"berth-{container}"


def units(service: ServiceSpec, place: Place) -> dict[str, str]:
    """Return the units, by their files' names."""
    found = {f"{unit_name(one.name)}.container": _sidecar(service, one, place) for one in service.sidecars}
    before = [(one.name, one.essential) for one in service.sidecars]
    if service.init_command:
        found[f"{unit_name(service.name)}-init.container"] = _init(service, place, before)
        before = [*before, (f"{service.name}-init", True)]
    found[f"{unit_name(service.name)}.container"] = _own(service, place, before)
    if service.sidecars:
        pod = [("PodName", service.name), *_network(service), ("ExitPolicy", "continue"), ("PodmanArgs", "--share=net")]
        found[f"{unit_name(service.name)}.pod"] = _rendered(Pod=pod)
    return found


def containers(service: ServiceSpec) -> list[str]:
    """Return the names of the containers."""
    init = [f"{service.name}-init"] if service.init_command else []
    return [*(one.name for one in service.sidecars), *init, service.name]


def _own(service: ServiceSpec, place: Place, before: Sequence[tuple[str, bool]]) -> str:
    withheld = {binding.variable for binding in service.bindings if binding.init_only}
    entries = [
        *_of_service(service, place, service.name, withheld),
        *_words(service.entrypoint, service.command),
        *_health(service.health_command),
    ]
    return _rendered(
        Unit=_after(service.name, before),
        Container=entries,
        Service=[("Restart", "always"), ("RestartSec", "2"), *_always(service, service.name)],
        Install=[("WantedBy", "multi-user.target")],
    )


def _init(service: ServiceSpec, place: Place, before: Sequence[tuple[str, bool]]) -> str:
    """The command that must succeed before the service starts."""
    name = f"{service.name}-init"
    entries = [*_of_service(service, place, name, frozenset()), *_words(None, service.init_command)]
    once = [("Type", "oneshot"), ("RemainAfterExit", "yes")]
    return _rendered(Unit=_after(name, before), Container=entries, Service=[*once, *_always(service, name)])


def _of_service(
    service: ServiceSpec, place: Place, name: str, withheld: set[str] | frozenset[str]
) -> list[tuple[str, str]]:
    """What the containers of the service's own image have."""
    secrets = {key: Source(parameter=name) for key, name in place.parameters.items() if key not in withheld}
    role = {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": CREDENTIALS_PATH, "AWS_REGION": place.region}
    return [
        ("ContainerName", name),
        ("Image", service.image),
        *([] if service.sidecars else _network(service) if name == service.name else [("Network", "podman")]),
        *_confined(
            service,
            memory=service.memory - sum(one.memory for one in service.sidecars),
            cpu=service.cpu - sum(one.cpu for one in service.sidecars),
        ),
        *_environment({**(role if service.grants else {}), **service.environment}),
        *_secrets({**secrets, **service.secrets}, place),
        *_files(service, place),
    ]


def _sidecar(service: ServiceSpec, sidecar: Sidecar, place: Place) -> str:
    """A sidecar; systemd starts it again when it ends, and with one that is essential what comes after it."""
    entries = [
        ("ContainerName", sidecar.name),
        ("Image", sidecar.image),
        *_confined(service, memory=sidecar.memory, cpu=sidecar.cpu),
        *_environment(sidecar.environment),
        *_secrets(sidecar.secrets, place),
        *_words(sidecar.entrypoint, sidecar.command),
        *_health(sidecar.health_command),
    ]
    again = [("Restart", "always"), ("RestartSec", "2"), *_always(service, sidecar.name)]
    return _rendered(Unit=_after(sidecar.name, ()), Container=entries, Service=again)


def _network(service: ServiceSpec) -> list[tuple[str, str]]:
    """The bridge, and the ports that the load balancer reaches on the machine."""
    return [("Network", "podman"), *(("PublishPort", f"{one.port}:{one.port}") for one in service.endpoints)]


def _confined(service: ServiceSpec, *, memory: int, cpu: int) -> list[tuple[str, str]]:
    """Translate ContainerSecurity; the table in the architecture notes, row by row. podman's own seccomp profile."""
    security = service.security
    return [
        *([("Pod", f"{unit_name(service.name)}.pod")] if service.sidecars else []),
        ("User", str(security.uid)),
        ("Group", str(security.gid)),
        *(("DropCapability", name.lower()) for name in security.drop_capabilities),
        ("NoNewPrivileges", _boolean(security.no_new_privileges)),
        ("ReadOnly", _boolean(security.read_only_root)),
        ("ReadOnlyTmpfs", "false"),  # or podman makes /run, /var/tmp and more writable
        *(("Tmpfs", f"{path}:rw,noexec,nosuid,nodev,size={TMPFS_MIB}m") for path in security.writable_paths),
        ("Memory", f"{memory}m"),
        # Shares, as ECS gives on EC2: there is nobody else on the machine to keep the rest for.
        ("PodmanArgs", f"--cpu-shares={max(2, cpu)}"),
        ("StopTimeout", str(service.shutdown_seconds)),
        ("LogDriver", "passthrough"),
    ]


def _boolean(value: bool) -> str:
    return "true" if value else "false"


def _environment(values: Mapping[str, str]) -> list[tuple[str, str]]:
    return [("Environment", quoted(f"{name}={values[name]}")) for name in sorted(values)]


def _secrets(secrets: Mapping[str, Source], place: Place) -> list[tuple[str, str]]:
    return [("Secret", f"{place.secrets[source]},type=env,target={name}") for name, source in sorted(secrets.items())]


def _files(service: ServiceSpec, place: Place) -> Iterable[tuple[str, str]]:
    owner = f"uid={service.security.uid},gid={service.security.gid},mode=0400"
    for number, file in enumerate(service.files):
        if isinstance(file.content, Source):
            yield "Secret", f"{place.secrets[file.content]},type=mount,target={file.path},{owner}"
        else:
            yield "Volume", f"{FILES}/{number}:{file.path}:ro"


def _words(entrypoint: Sequence[str] | None, command: Sequence[str] | None) -> list[tuple[str, str]]:
    return [
        *([("Entrypoint", _doubled(json.dumps(list(entrypoint))))] if entrypoint else []),
        *([("Exec", " ".join(map(quoted, command)))] if command else []),
    ]


def _health(command: Sequence[str] | None) -> list[tuple[str, str]]:
    """A command that tells whether it is well; until it is, systemd starts nothing that waits for it."""
    if not command:
        return []
    return [
        ("HealthCmd", _doubled(json.dumps(list(command)))),
        ("HealthInterval", "10s"),
        ("HealthTimeout", "5s"),
        ("HealthRetries", "3"),
        ("HealthStartPeriod", "30s"),
        ("HealthOnFailure", "kill"),  # after which systemd starts it anew
        ("Notify", "healthy"),
    ]


def _after(name: str, before: Sequence[tuple[str, bool]]) -> list[tuple[str, str]]:
    """What a container waits for: the secrets' newest values, at each start, and what it cannot be without."""
    return [
        ("Description", name),
        *(("Requires" if needed else "Wants", f"{unit_name(other)}.service") for other, needed in before),
        # Wanted only: a value that cannot be read for a while must not keep systemd from starting it again.
        ("Wants", f"{VALUES}.service"),
        *(("After", f"{other}.service") for other in (VALUES, *(unit_name(one) for one, _ in before))),
        ("StartLimitIntervalSec", "0"),
    ]


def _always(service: ServiceSpec, name: str) -> list[tuple[str, str]]:
    return [
        ("TimeoutStartSec", "600"),  # the first start pulls the image
        ("TimeoutStopSec", str(service.shutdown_seconds + 15)),
        ("IPAddressDeny", METADATA),
        ("StandardOutput", f"append:{LOGS}/{name}.log"),
    ]


def _doubled(text: str) -> str:
    """Keep systemd from reading a percent or dollar sign as its own."""
    return text.replace("%", "%%").replace("$", "$$")


def quoted(word: str) -> str:
    """Return one word as systemd reads it, in quotes."""
    escaped = _doubled(word).replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(one if one >= " " and one != "\x7f" else f"\\x{ord(one):02x}" for one in escaped) + '"'


def _rendered(**sections: Entries) -> str:
    return "\n".join(
        f"[{name}]\n" + "".join(f"{key}={value}\n" for key, value in entries) for name, entries in sections.items()
    )
