"""From a machine's user data to what podman is asked to run. Pure: no podman, no files.

Each key of a unit becomes the option that podman's generator gives it (podman-systemd.unit(5)); a test compares both.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from berth.plan import Plan, Resource
from berth.rehearse.drivers.ec2.security import declarations
from berth.rehearse.drivers.pod import Dependency, Entry, ordered, planned, planned_parameters
from berth.rehearse.errors import RehearsalError
from berth.rehearse.workload import Container, Probe, plain
from components.service.spec import ContainerSecurity
from policy.rules.machines.user_data import texts
from policy.rules.values import Field

FOLDER: Final = "/etc/containers/systemd/"
NEEDS: Final = "/etc/berth/needs.json"
"""Where each of podman's secrets lies, by its name: ``{"secrets": {NAME: {"parameter": …}}}``."""
STOP_SECONDS: Final = 10
"""podman's own, where a unit says nothing."""

Unit = Mapping[str, Mapping[str, Sequence[str]]]
"""The values of each key of each section, in their order."""

# Keys that are one option each time that they stand there.
_OPTIONS: Final[Mapping[str, str]] = {
    "AddCapability": "--cap-add",
    "DropCapability": "--cap-drop",
    "Memory": "--memory",
    "ReadOnlyTmpfs": "--read-only-tmpfs",
    "StopTimeout": "--stop-timeout",
    "Tmpfs": "--tmpfs",
}
_SWITCHES: Final[Mapping[str, str]] = {"NoNewPrivileges": "--security-opt=no-new-privileges", "ReadOnly": "--read-only"}
_READ: Final = frozenset(
    {"ContainerName", "Entrypoint", "Environment", "Exec", "Group", "Image", "Network", "Pod", "PodmanArgs"}
    | {"PublishPort", "Secret", "User", "Volume", "Notify"}
    | {"HealthCmd", "HealthInterval", "HealthRetries", "HealthStartPeriod", "HealthTimeout"}
)
# Why keys have no meaning on this machine.
_REASONS: Final[Mapping[str, str]] = {
    "HealthOnFailure": "a restart would hide a failure",
    "LogDriver": "logs stay with podman",
    "Pull": "images are local",
}
_SECONDS: Final[Mapping[str, int]] = {"": 1, "s": 1, "m": 60}


@dataclass(frozen=True)
class Machine:
    """What a machine runs."""

    entries: tuple[Entry, ...]
    """In the order in which they are started; what they mount of the machine stands with its path there."""
    files: Mapping[str, str]
    """The files that the user data writes, by path."""
    not_rehearsed: tuple[str, ...] = field(default_factory=tuple)


def declares_units(template: Resource) -> bool:
    """Tell whether a launch template's user data, as far as it is known, writes units of Quadlet."""
    data = template.inputs.get("userData")
    return isinstance(data, str) and any(one.path.startswith(FOLDER) for one in texts(Field(data)))


def extract(plan: Plan, template: Resource, security: ContainerSecurity, service: str | None) -> Machine:
    """Read a launch template's user data.

    Args:
        plan: The stack's Plan.
        template: The launch template in it.
        security: What is promised of every container.
        service: Name of the container that has the ports of a pod.

    Raises:
        RehearsalError: It cannot be run here.
    """
    data = plain(template.inputs.get("userData"), f"{template.name}.userData")
    files = {one.path: one.content for one in texts(Field(data))}
    needs = json.loads(files.get(NEEDS, "{}")).get("secrets", {})
    parameters = planned_parameters(plan)
    parsed = {path.removeprefix(FOLDER): parse(text) for path, text in files.items() if path.startswith(FOLDER)}
    pods = [unit for name, unit in parsed.items() if name.endswith(".pod")]
    published = [port for pod in pods for port in pod.get("Pod", {}).get("PublishPort", ())]
    units = {name.removesuffix(".container"): unit for name, unit in parsed.items() if name.endswith(".container")}

    def sourced(secret: str) -> tuple[str, Any]:
        source = needs.get(secret, {})
        place = source.get("parameter") or source.get("secret") or secret
        return place, planned(place, parameters)

    entries, skipped = [], []
    for name, unit in units.items():
        place = f"{name}.container"
        entry = _entry(unit, place, units, sourced, security)
        if entry.container.name == service and published:
            ports = tuple(int(port.rpartition(":")[2]) for port in published)
            entry = replace(entry, container=replace(entry.container, ports=ports))
        entries.append(entry)
        skipped += [
            f"{place}.{key}: {_REASONS.get(key, 'berth has no translation for it')}"
            for key in unit["Container"]
            if key not in {*_READ, *_OPTIONS, *_SWITCHES}
        ]
    return Machine(tuple(ordered(entries, "After")), files, tuple(skipped))


def parse(text: str) -> Unit:
    """Return a unit's entries; an empty value takes back those before it, as systemd has it."""
    found: dict[str, dict[str, list[str]]] = {}
    section = ""
    for line in re.sub(r"\\\n", " ", text).splitlines():
        line = line.strip()
        if not line or line[0] in "#;":
            continue
        if line[0] == "[":
            section = line.strip("[]")
            found.setdefault(section, {})
            continue
        key, _, value = line.partition("=")
        values = found[section].setdefault(key.strip(), [])
        values[:] = [*values, value.strip()] if value.strip() else []
    return found


def words(text: str) -> list[str]:
    """Split a value as systemd does: quotes, C's escapes, and doubled percent and dollar signs."""
    return [_plain(word[1:-1] if word[0] in "\"'" else word) for word in _WORD.findall(text)]


_WORD: Final = re.compile(r""""(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|(?:\\.|[^\s"'\\])+""")
_ESCAPE: Final = re.compile(r"\\(x[0-9a-fA-F]{2}|.)")
_LETTERS: Final[Mapping[str, str]] = dict(zip("ntrabfvs", "\n\t\r\a\b\f\v ", strict=True))


def _plain(word: str) -> str:
    def letter(match: re.Match[str]) -> str:
        code = match[1]
        return chr(int(code[1:], 16)) if len(code) > 1 else _LETTERS.get(code, code)

    return _single(_ESCAPE.sub(letter, word))


def _single(text: str) -> str:
    return text.replace("%%", "%").replace("$$", "$")


def _entry(
    unit: Unit,
    place: str,
    units: Mapping[str, Unit],
    sourced: Callable[[str], tuple[str, Any]],
    security: ContainerSecurity,
) -> Entry:
    """Translate one unit."""
    own = unit["Container"]

    def last(key: str, default: str = "") -> str:
        return [default, *own.get(key, ())][-1]

    for network in own.get("Network", ()):
        if network != "podman":
            raise RehearsalError(f"{place}.Network is {network!r}: only podman's own bridge can be rehearsed")
    user = ":".join(part for part in (last("User"), last("Group")) if part)
    environment = dict(word.split("=", 1) for text in own.get("Environment", ()) for word in words(text))
    secrets = [_secret(text) for text in own.get("Secret", ())]
    stop_seconds = int(last("StopTimeout", str(STOP_SECONDS)))
    container = Container(
        name=last("ContainerName", place.removesuffix(".container")),
        place=place,
        image=last("Image"),
        declared=declarations(own, place, user, security),
        probes=tuple(_probes(own)),
        ports=tuple(int(port.rpartition(":")[2]) for port in own.get("PublishPort", ())),
        stop_seconds=stop_seconds,
    )
    entrypoint = _single(last("Entrypoint"))
    options = [
        *([f"--user={user}"] if user else []),
        *([f"--entrypoint={entrypoint}"] if entrypoint else []),
        *[f"{option}={value}" for key, option in _OPTIONS.items() for value in own.get(key, ())],
        *[option for key, option in _SWITCHES.items() if last(key).lower() in ("true", "yes", "on", "1")],
        *[f"--env={name}={value}" for name, value in environment.items()],
        *[f"--volume={value}" for value in own.get("Volume", ())],
        *[word for text in own.get("PodmanArgs", ()) for word in words(text)],
        # As on the machine the check is the unit's, or none; berth asks it in podman's place.
        "--no-healthcheck",
    ]
    return Entry(
        container=container,
        options=tuple(options),
        command=tuple(word for text in own.get("Exec", ()) for word in words(text)),
        secrets={one.variable: sourced(one.name) for one in secrets},
        environment=environment,
        files={},
        mounts={one.variable: one.mount for one in secrets if one.mount},
        dependencies=tuple(_dependencies(unit, units)),
        start_seconds=int(_seconds([*unit.get("Service", {}).get("TimeoutStartSec", ()), "180"][0])),
    )


@dataclass(frozen=True)
class _Secret:
    name: str
    """podman's."""
    variable: str
    """The variable, or the path of the file, that it is given in."""
    mount: str
    """Options of a file; empty for a variable."""


def _secret(text: str) -> _Secret:
    name, *options = text.split(",")
    given = dict(option.partition("=")[::2] for option in options)
    is_file = given.get("type", "mount") == "mount"
    return _Secret(name, given.get("target", name), ",".join(options) if is_file else "")


def _dependencies(unit: Unit, units: Mapping[str, Unit]) -> Iterator[Dependency]:
    """Yield what it waits for, and how far that must have come: systemd counts a unit as started only then."""
    for name in unit.get("Unit", {}).get("After", ()):
        if other := units.get(name.removesuffix(".service")):
            own = other["Container"]
            container = own.get("ContainerName", [name.removesuffix(".service")])[-1]
            if other.get("Service", {}).get("Type", [""])[-1] == "oneshot":
                yield Dependency(container, "SUCCESS")
            else:
                yield Dependency(container, "HEALTHY" if own.get("Notify") == ["healthy"] else "START")


def _probes(own: Mapping[str, Sequence[str]]) -> Iterator[Probe]:
    if not own.get("HealthCmd"):
        return
    command = _single(own["HealthCmd"][-1])
    try:
        asked = tuple(map(str, json.loads(command)))
    except ValueError:
        asked = ("/bin/sh", "-c", command)

    def number(key: str, default: str) -> float:
        return _seconds(own.get(key, [default])[-1])

    retries, interval = int(own.get("HealthRetries", ["3"])[-1]), number("HealthInterval", "30s")
    patience = number("HealthStartPeriod", "0s") + retries * interval
    yield Probe("HealthCmd", "exec", command=asked, timeout=number("HealthTimeout", "30s"), patience=patience)


def _seconds(text: str) -> float:
    match = re.fullmatch(r"(\d+)(s|m|)", text)
    if not match:
        raise RehearsalError(f"{text!r} is no time that berth knows: expected seconds or minutes, e.g. 10s")
    return float(int(match[1]) * _SECONDS[match[2]])
