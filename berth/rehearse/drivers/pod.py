"""Runs containers that share a network and nothing else in one pod: each by ``podman run``, whatever declares them."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any, Literal

from berth.plan import UNKNOWN, Plan
from berth.rehearse.drivers.driver import AUTHORITIES, Driver, Fill
from berth.rehearse.errors import RehearsalError
from berth.rehearse.local import ELSEWHERE, HOST
from berth.rehearse.workload import Container, known

PARAMETER = "aws:ssm/parameter:Parameter"
Condition = Literal["START", "COMPLETE", "SUCCESS", "HEALTHY"]
START_SECONDS = 180
LIMIT_OPTIONS = {"cpu": ("--cpus=", "--cpu-shares="), "memory": ("--memory=", "--memory-reservation=")}


@dataclass(frozen=True)
class Dependency:
    """A container that must have come so far before another is started."""

    container: str
    condition: Condition


@dataclass(frozen=True)
class Entry:
    """A container's declaration, ready to be run."""

    container: Container
    options: tuple[str, ...]
    """Of ``podman run``; without name, pod, labels and secrets."""
    command: tuple[str, ...]
    secrets: Mapping[str, tuple[str, Any]]
    """Where the value of each variable lies that is in a parameter store, and the value: a text if the Plan knows it,
    ``UNKNOWN`` if it exists after creation only, ``ELSEWHERE`` if the Plan does not create it. Given as podman secrets,
    never on a command line."""
    environment: Mapping[str, str]
    files: Mapping[str, str]
    """Of the variables that hold the content of a file, where the service finds it: what a user knows it by."""
    mounts: Mapping[str, str] = field(default_factory=dict)
    """Of the secrets that are given as files, podman's options."""
    dependencies: tuple[Dependency, ...] = ()
    start_seconds: int = START_SECONDS


def planned_parameters(plan: Plan) -> dict[str, Any]:
    """Return the values of the SSM parameters that the Plan creates, by name; ``UNKNOWN`` for those that are secret."""
    values = {}
    for resource in plan.of_type(PARAMETER):
        name, value = (known(resource.inputs.get(key)) for key in ("name", "value"))
        is_open = known(resource.inputs.get("type")) != "SecureString" and isinstance(value, str)
        if isinstance(name, str):
            values[name] = value if is_open else UNKNOWN
    return values


def planned(place: str, parameters: Mapping[str, Any]) -> Any:
    """Return the planned value of what a declaration names, a parameter or a secret; it may be an ARN."""
    return parameters.get(place.partition(":parameter")[2] or place, ELSEWHERE)


def ordered(containers: Iterable[Entry], key: str) -> list[Entry]:
    """Sort by what each waits for, and mark those that others wait to see end.

    Args:
        containers: what is sorted.
        key: what they declare it under.

    Raises:
        RehearsalError: A dependency is not there, or they go round in a circle.
    """
    entries = {entry.container.name: entry for entry in containers}
    dependencies = [(entry, one) for entry in entries.values() for one in entry.dependencies]
    for entry, one in dependencies:
        if one.container not in entries:
            raise RehearsalError(
                f"{entry.container.place}.{key} names {one.container!r}, which is none of the containers"
            )
    ends = {one.container for _, one in dependencies if one.condition in ("SUCCESS", "COMPLETE")}
    graph = {name: [one.container for one in entry.dependencies] for name, entry in entries.items()}
    try:
        order = list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        raise RehearsalError(f"{key} goes round in a circle: {', '.join(error.args[1])}") from None
    return [replace(entries[name], container=replace(entries[name].container, init=name in ends)) for name in order]


class PodDriver(Driver):
    """Runs what a subclass reads out of the Plan."""

    entries: tuple[Entry, ...]
    """In the order in which they are started."""

    def take(self, entries: Sequence[Entry]) -> None:
        """Set what follows from the containers, but for what is not rehearsed."""
        self.entries = tuple(entries)
        self.containers = tuple(entry.container for entry in entries)
        self.known = {
            name: value
            for entry in entries
            for name, value in (
                *((name, value) for name, (_, value) in entry.secrets.items() if isinstance(value, str)),
                *entry.environment.items(),
            )
        }
        self.asked = {entry.files.get(name, name) for entry in entries for name in entry.secrets}
        self._withheld = tuple(option for name in self.missing for option in LIMIT_OPTIONS[name])
        self._secrets: dict[tuple[str, str], str] = {}

    def create(self, fill: Fill, authorities: Path, overrides: Mapping[str, str]) -> None:
        """Make the pod, and the secrets that its containers are given."""
        self._authorities, self._overrides = authorities, overrides
        self.podman.run(
            "pod",
            "create",
            f"--name={self.pod}",
            f"--infra-name={self.pod}-infra",
            # Not their processes, as pods of podman do.
            "--share=net",
            *self.podman.network(),
            *[f"--publish={HOST}:{outside}:{inside}" for inside, outside in self.published.items()],
            *self.session.label_options,
        )
        for entry in self.entries:
            for variable, (source, planned) in entry.secrets.items():
                if (variable, source) not in self._secrets and variable not in overrides:
                    # By number, because podman takes names of 64 characters at most.
                    name = f"{self.prefix}secret-{len(self._secrets)}"
                    place = f"{entry.container.place}.secrets[{variable}]"
                    value = fill(entry.files.get(variable, variable), place, planned)
                    self.podman.run("secret", "create", name, "-", stdin=value)
                    self._secrets[variable, source] = name

    def start(self, deadline: float) -> None:
        """Start each container when those it depends on have come so far."""
        entries = {entry.container.name: entry for entry in self.entries}
        for container in self.containers:
            for dependency in entries[container.name].dependencies:
                self._await(entries[dependency.container], dependency, deadline)
            self._run(entries[container.name])

    def _run(self, entry: Entry) -> None:
        """Start one container."""
        options = [option for option in entry.options if not option.startswith(self._withheld or ("\0",))]
        if place := entry.environment.get(AUTHORITIES):
            options.append(f"--volume={self._authorities}:{place}:ro")
        if self.ends(entry.container):
            pid_file = self.podman.scratch / f"{self.podman_name(entry.container)}.pid"
            options.append(f"--pidfile={pid_file}")
            self.glimpse(entry.container, pid_file)
        self.podman.run(
            "run",
            "--detach",
            f"--name={self.podman_name(entry.container)}",
            f"--pod={self.pod}",
            "--pull=never",
            *self.session.label_options,
            *options,
            *[
                f"--secret={self._secrets[name, source]},{entry.mounts.get(name, f'type=env,target={name}')}"
                for name, (source, _) in entry.secrets.items()
                if name not in self._overrides
            ],
            # The last of several values of a variable counts.
            *[
                f"--env={name}={value}"
                for name, value in self._overrides.items()
                if entry.container.image == self.service.image or name in {*entry.secrets, *entry.environment}
            ],
            entry.container.image,
            *entry.command,
        )

    def _await(self, entry: Entry, dependency: Dependency, deadline: float) -> None:
        """Wait until a container has come as far as another one needs.

        Raises:
            RehearsalError: It failed or took too long.
        """
        container = entry.container
        limit = min(deadline, time.monotonic() + entry.start_seconds)
        if dependency.condition in ("SUCCESS", "COMPLETE"):
            self.watch(container, limit, may_fail=dependency.condition == "COMPLETE")
        elif dependency.condition == "HEALTHY":
            if not container.probes:
                raise RehearsalError(f"{container.place} has no health check, and another container waits for it")
            self.until_well(container, limit)
