"""Runs an ECS task's containers, each by ``podman run`` with what its definition declares."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

from berth.rehearse.drivers.driver import AUTHORITIES, Driver, Fill
from berth.rehearse.drivers.ecs.job import timeout_seconds
from berth.rehearse.drivers.ecs.task import TASK_DEFINITION, Dependency, EcsContainer, extract
from berth.rehearse.errors import RehearsalError
from berth.rehearse.local import HOST
from components.service.spec import ContainerSecurity

LIMIT_OPTIONS = {"cpu": ("--cpus=", "--cpu-shares="), "memory": ("--memory=", "--memory-reservation=")}


class EcsDriver(Driver):
    """One ECS task."""

    claims = frozenset({TASK_DEFINITION})
    backend_note = "no field on Fargate"

    def read(self, security: ContainerSecurity) -> None:
        """Read the task's containers."""
        self.task = extract(self.unit.plan, self.unit.workload, security, f"{self.prefix}volume-")
        self.containers = tuple(entry.container for entry in self.task.containers)
        if self.unit.is_job:
            planned = self.unit.mooring.timeout_seconds if self.unit.mooring else None
            self.timeout_seconds = timeout_seconds(self.unit.surroundings) or planned
            awaited = {one.container for entry in self.task.containers for one in entry.dependencies}
            if self.service.name not in awaited:
                self.containers = (*(one for one in self.containers if one != self.service), self.service)
        self.known = {
            name: value
            for entry in self.task.containers
            for name, value in (
                *((name, value) for name, (_, value) in entry.secrets.items() if isinstance(value, str)),
                *entry.environment.items(),
            )
        }
        self.asked = {entry.files.get(name, name) for entry in self.task.containers for name in entry.secrets}
        self.not_rehearsed = self.task.not_rehearsed
        self.needs_volumes = self.task.fargate
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
            # Containers of a task in awsvpc mode share their network, and nothing else.
            "--share=net",
            *self.podman.network(),
            *[f"--publish={HOST}:{outside}:{inside}" for inside, outside in self.published.items()],
            *self.session.label_options,
        )
        for entry in self.task.containers:
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
        entries = {entry.container.name: entry for entry in self.task.containers}
        for container in self.containers:
            for dependency in entries[container.name].dependencies:
                self._await(entries[dependency.container], dependency, deadline)
            self._run(entries[container.name])

    def _run(self, entry: EcsContainer) -> None:
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
                f"--secret={self._secrets[name, source]},type=env,target={name}"
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

    def _await(self, entry: EcsContainer, dependency: Dependency, deadline: float) -> None:
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
                raise RehearsalError(f"{container.place} has no healthCheck, and another container waits for it")
            self.until_well(container, limit)
