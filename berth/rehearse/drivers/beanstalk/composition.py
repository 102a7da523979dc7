"""From the Compose file of a bundle to what podman is asked to run. Pure: no podman, no files.

What berth's own files hold is translated; any other key is an error, as nothing may be left out in silence.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any, Final

import yaml

from berth.plan import Plan, Resource
from berth.rehearse.drivers.beanstalk.security import declarations
from berth.rehearse.drivers.pod import Condition, Dependency, Entry, ordered, planned, planned_parameters
from berth.rehearse.errors import RehearsalError
from berth.rehearse.workload import Container, Probe, known, plain, show
from components.service.spec import ContainerSecurity

COMPOSE: Final = "docker-compose.yml"
VERSION: Final = "aws:elasticbeanstalk/applicationVersion:ApplicationVersion"
OBJECTS: Final = ("aws:s3/bucketObjectv2:BucketObjectv2", "aws:s3/bucketObject:BucketObject")
TRANSLATED: Final = frozenset(
    {"image", "user", "privileged", "read_only", "cap_add", "cap_drop", "security_opt", "tmpfs", "mem_limit", "restart"}
    | {
        "cpu_shares",
        "entrypoint",
        "command",
        "environment",
        "env_file",
        "x-secrets",
        "ports",
        "network_mode",
        "volumes",
    }
    | {"stop_grace_period", "healthcheck", "depends_on", "logging"}
)
CONDITIONS: Final[Mapping[str, Condition]] = {
    "service_started": "START",
    "service_healthy": "HEALTHY",
    "service_completed_successfully": "SUCCESS",
}
STOP_SECONDS: Final = 10
"""What Docker gives a container to end where the file says nothing."""


@dataclass(frozen=True)
class FileOnMachine:
    """A file that is written before the containers start."""

    at: str
    """On the machine."""
    path: str
    """In the container: what a user knows it by."""
    content: str | None
    """None where it is a secret."""
    place: str = ""
    """Of the secret."""
    planned: Any = None
    """The secret's value as ``planned`` returns it."""


@dataclass(frozen=True)
class Composition:
    """A Compose file, ready to be run."""

    entries: tuple[Entry, ...]
    """In the order in which they are started; a mounted folder stands with its path on the machine."""
    files: tuple[FileOnMachine, ...]
    not_rehearsed: tuple[str, ...]


def bundle_of(plan: Plan, environment: Resource) -> Mapping[str, str]:
    """Return the texts of the bundle that an environment runs, by their paths.

    Raises:
        RehearsalError: the Plan does not make it, or not of texts.
    """
    by_urn = {one.urn: one for one in plan.resources}

    def behind(resource: Resource, *tokens: str) -> Iterator[Resource]:
        urns = {urn for name in ("version", "key", "bucket") for urn in resource.property_dependencies.get(name, ())}
        yield from (by_urn[urn] for urn in sorted(urns) if urn in by_urn and by_urn[urn].type in tokens)

    for version in behind(environment, VERSION):
        for uploaded in behind(version, *OBJECTS):
            source = known(uploaded.inputs.get("source"))
            assets = source.get("archive", {}).get("assets") if isinstance(source, Mapping) else None
            if isinstance(assets, Mapping) and COMPOSE in assets:
                texts = plain(assets, f"{uploaded.name}.source")
                return {path: str(one["asset"]["text"]) for path, one in texts.items() if "text" in one["asset"]}
    raise RehearsalError(
        f"{environment.name} runs no bundle that the Plan makes of texts, with {COMPOSE} in it\n"
        "  a version is made of a bucket object, and that of an AssetArchive of StringAssets"
    )


def extract(plan: Plan, environment: Resource, security: ContainerSecurity, service: str | None = None) -> Composition:
    """Read what an environment runs.

    Args:
        plan: the stack's Plan.
        environment: the environment in it.
        security: what is promised of every container.
        service: the service's name, which its own container has; None where nobody knows it.

    Raises:
        RehearsalError: it is not known, or it cannot be run here.
    """
    files = bundle_of(plan, environment)
    try:
        document = _literal(yaml.safe_load(files[COMPOSE]))
        services: Mapping[str, Mapping[str, Any]] = document["services"]
        assert services
    except (yaml.YAMLError, TypeError, KeyError, AssertionError):
        raise RehearsalError(f"{environment.name}: {COMPOSE} is no Compose file with services") from None
    parameters = planned_parameters(plan)
    own = _own(services, service)
    ports = [port for one in services.values() for port in one.get("ports") or []]
    entries = [
        _entry(name, one, security, parameters, ports if name == own else [], is_own=name == own)
        for name, one in services.items()
    ]
    beside = document.get("x-berth") or {}
    written = tuple(
        FileOnMachine(
            one["at"],
            one["path"],
            one.get("content"),
            one.get("secret", ""),
            planned(one.get("secret", ""), parameters),
        )
        for one in beside.get("files") or []
    )
    skipped = [
        *(f"{path}: there is no machine here to prepare" for path in sorted(files) if path != COMPOSE),
        *(f"{COMPOSE} services.{name}.logging: logs stay with podman" for name in services),
        *(f"{COMPOSE} services.{name}.restart: a restart would hide a failure" for name in services),
        *([f"{COMPOSE} x-berth.role: no AWS credentials here"] if "role" in beside else []),
    ]
    return Composition(tuple(_marked(ordered(entries, "depends_on"), own)), written, tuple(skipped))


def _file(declared: Mapping[str, str], parameters: Mapping[str, Any]) -> FileOnMachine:
    at, path, secret = declared["at"], declared["path"], declared.get("secret", "")
    return FileOnMachine(at, path, declared.get("content"), secret, planned(secret, parameters))


def _literal(value: Any) -> Any:
    """Return a value as Compose takes it: two dollars are one, and one alone names a variable of the machine.

    Raises:
        RehearsalError: there is such a variable.
    """
    if isinstance(value, str):
        if re.search(r"(?<!\$)(?:\$\$)*\$[A-Za-z_{]", value):
            raise RehearsalError(f"{COMPOSE} holds {value!r}: a variable of the machine is not known here")
        return value.replace("$$", "$")
    if isinstance(value, Mapping):
        return {str(key): _literal(one) for key, one in value.items()}
    return [_literal(one) for one in value] if isinstance(value, list) else value


def _own(services: Mapping[str, Mapping[str, Any]], service: str | None) -> str:
    """Return the name of the service's own container: that name, or the one that nothing waits for."""
    if service in services:
        return str(service)
    awaited = {name for one in services.values() for name in one.get("depends_on") or {}}
    return next((name for name in services if name not in awaited), next(iter(services)))


def _marked(entries: list[Entry], own: str) -> Iterator[Entry]:
    for entry in entries:
        beside = entry.container.name != own and not entry.container.init
        yield replace(entry, container=replace(entry.container, sidecar=beside))


def _entry(
    name: str,
    declared: Mapping[str, Any],
    security: ContainerSecurity,
    parameters: Mapping[str, Any],
    ports: list[Any],
    *,
    is_own: bool,
) -> Entry:
    place = f"{COMPOSE} services.{name}"
    if unknown := sorted(declared.keys() - TRANSLATED):
        raise RehearsalError(f"{place}.{unknown[0]}: berth has no translation for it")
    if not isinstance(declared.get("image"), str):
        raise RehearsalError(f"{place}.image is {show(declared.get('image'))}: expected a string")
    mode = str(declared.get("network_mode") or "service:")
    if not mode.startswith("service:"):
        raise RehearsalError(f"{place}.network_mode is {mode!r}: only another service's network is rehearsed")
    environment = {key: str(value) for key, value in (declared.get("environment") or {}).items()}
    stop_seconds = _seconds(declared.get("stop_grace_period", f"{STOP_SECONDS}s"), f"{place}.stop_grace_period")
    entrypoint = declared.get("entrypoint")
    container = Container(
        name=name,
        place=place,
        image=declared["image"],
        declared=declarations(declared, place, security),
        probes=tuple(_probe(declared.get("healthcheck") or {}, f"{place}.healthcheck")),
        ports=tuple(_port(port, place) for port in ports),
        stop_seconds=int(stop_seconds),
    )
    options = [
        *([f"--user={declared['user']}"] if declared.get("user") is not None else []),
        *(["--privileged"] if declared.get("privileged") else []),
        # Without the second option podman mounts writable directories that nobody declared.
        *(["--read-only", "--read-only-tmpfs=false"] if declared.get("read_only") else []),
        *[f"--cap-drop={one}" for one in declared.get("cap_drop") or []],
        *[f"--cap-add={one}" for one in declared.get("cap_add") or []],
        *[_security_option(one, place) for one in declared.get("security_opt") or []],
        *[f"--tmpfs={one}" for one in declared.get("tmpfs") or []],
        *[_volume(one, place) for one in declared.get("volumes") or []],
        *([f"--entrypoint={json.dumps(entrypoint)}"] if entrypoint else []),
        *[f"--env={key}={value}" for key, value in environment.items()],
        *([f"--memory={declared['mem_limit']}"] if declared.get("mem_limit") else []),
        # The kernel's least is 2.
        *([f"--cpu-shares={max(2, int(declared['cpu_shares']))}"] if declared.get("cpu_shares") else []),
        "--no-healthcheck",  # berth asks it in Docker's place
        f"--stop-timeout={container.stop_seconds}",
    ]
    return Entry(
        container=container,
        options=tuple(options),
        command=tuple(declared.get("command") or ()),
        secrets={key: (at, planned(at, parameters)) for key, at in (declared.get("x-secrets") or {}).items()},
        environment=environment,
        files={},
        dependencies=tuple(_waits(declared.get("depends_on") or {}, place)),
    )


def _waits(declared: Mapping[str, Any], place: str) -> Iterator[Dependency]:
    for name, one in declared.items():
        condition = CONDITIONS.get(one.get("condition", ""))
        if condition is None:
            raise RehearsalError(
                f"{place}.depends_on.{name} is {show(one)}: expected a condition, {', '.join(CONDITIONS)}"
            )
        yield Dependency(name, condition)


def _port(port: Any, place: str) -> int:
    outside, colon, inside = str(port).partition(":")
    if not colon or not outside.isdigit() or outside != inside:
        raise RehearsalError(f"{place}.ports holds {port!r}: expected the same port on both sides, e.g. 8080:8080")
    return int(inside)


def _security_option(option: str, place: str) -> str:
    if re.fullmatch(r"no-new-privileges([:=]true)?", option):
        return "--security-opt=no-new-privileges"
    raise RehearsalError(f"{place}.security_opt holds {option!r}: only no-new-privileges can be rehearsed")


def _volume(volume: Any, place: str) -> str:
    """Return the option that mounts a folder of the machine, with its path there."""
    expected = {"type": "bind", "source": "", "target": "", "read_only": True}
    if not isinstance(volume, Mapping) or volume.keys() != expected.keys() or volume["type"] != "bind":
        raise RehearsalError(
            f"{place}.volumes holds {show(volume)}: only a folder of the machine to be read is rehearsed"
        )
    return f"--volume={volume['source']}:{volume['target']}:ro"


def _seconds(text: Any, place: str) -> float:
    match = re.fullmatch(r"(\d+)s", str(text))
    if not match:
        raise RehearsalError(f"{place} is {text!r}: expected seconds, e.g. 30s")
    return float(match[1])


def _probe(check: Mapping[str, Any], place: str) -> Iterator[Probe]:
    if not check or check.get("disable"):
        return
    kind, *words = check.get("test") or [""]
    if kind == "CMD-SHELL" and len(words) == 1:
        words = ["/bin/sh", "-c", *words]
    elif kind != "CMD" or not words:
        raise RehearsalError(f"{place}.test is {show(check.get('test'))}: expected a list that starts with CMD")
    # Docker's own defaults, where the file leaves one out.
    interval, timeout = (_seconds(check.get(key, "30s"), f"{place}.{key}") for key in ("interval", "timeout"))
    patience = (
        _seconds(check.get("start_period", "0s"), f"{place}.start_period") + int(check.get("retries", 3)) * interval
    )
    yield Probe("healthcheck", "exec", command=tuple(words), timeout=timeout, patience=patience)


def folder_of(path: str) -> str:
    """Return the folder on the machine that a file lies in."""
    return str(PurePosixPath(path).parent)
