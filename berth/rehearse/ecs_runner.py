"""Runs an ECS task's containers, each by ``podman run`` with what its definition declares."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from pathlib import Path

from berth.plan import Plan
from berth.rehearse.ecs import Dependency, EcsContainer, extract
from berth.rehearse.errors import RehearsalError
from berth.rehearse.health import logs, state, wait
from berth.rehearse.local import ALWAYS_LOCAL, HOST
from berth.rehearse.podman import Podman
from berth.rehearse.runner import AUTHORITIES, Fill, Runner
from berth.rehearse.session import Session
from berth.rehearse.workload import Container
from components.service import ContainerSecurity

LIMIT_OPTIONS = {"cpu": ("--cpus=", "--cpu-shares="), "memory": ("--memory=", "--memory-reservation=")}


class EcsRunner(Runner):
    """One ECS task."""

    def __init__(self, podman: Podman, session: Session, plan: Plan, security: ContainerSecurity) -> None:
        """Read the task out of the Plan.

        Args:
            podman: Runs everything.
            session: Names everything.
            plan: The stack's Plan.
            security: What is promised of every container.

        Raises:
            RehearsalError: It cannot be rehearsed.
        """
        super().__init__(podman, session)
        self.task = extract(plan, security, session.name("volume-"))
        self.backend = "ECS Fargate" if self.task.fargate else "ECS on EC2"
        self.containers = tuple(entry.container for entry in self.task.containers)
        missing = self.limit_controllers()
        self._withheld = tuple(option for name in missing for option in LIMIT_OPTIONS[name])
        self.not_rehearsed = (
            *self.task.not_rehearsed,
            *(f"{name} limits: this podman has not been given the cgroup controller" for name in missing),
        )
        self.needs_volumes = self.task.fargate
        self.backend_note = "no field on Fargate"
        self._secrets: dict[str, str] = {}
        self._publish = (0, 0)
        self._authorities: Path | None = None
        self._pod = session.name("task")

    def known_environment(self) -> Mapping[str, str]:
        """Return the variables whose value the Plan knows."""
        return {
            name: value
            for entry in self.task.containers
            for name, value in (*entry.parameters.items(), *entry.environment.items())
        }

    def asked_environment(self) -> Collection[str]:
        """Return the variables that the definitions take from parameters."""
        return {name for entry in self.task.containers for name in entry.secrets}

    def refusals(self, image_users: Mapping[str, str]) -> list[str]:
        """Return nothing: ECS starts what a definition says, root included."""
        return []

    def create(self, publish: tuple[int, int], fill: Fill, authorities: Path) -> str:
        """Make the pod and the secrets."""
        self._publish = publish
        self._authorities = authorities
        inside, outside = publish
        self.podman.run(
            "pod",
            "create",
            f"--name={self._pod}",
            f"--infra-name={self._pod}-infra",
            # Containers of a task in awsvpc mode share their network, and nothing else.
            "--share=net",
            *self.podman.network(),
            f"--publish={HOST}:{outside}:{inside}",
            *self.session.label_options,
        )
        for entry in self.task.containers:
            for variable in entry.secrets:
                if variable not in self._secrets:
                    name = self.session.name(f"secret-{variable.lower().replace('_', '-')}")
                    value = entry.parameters.get(variable)
                    if value is None or variable in ALWAYS_LOCAL:
                        value = fill(variable, f"{entry.container.place}.secrets[{variable}]")
                    self.podman.run("secret", "create", name, "-", stdin=value)
                    self._secrets[variable] = name
        return self._pod

    def start(self, deadline: float) -> None:
        """Start each container when those it depends on have come so far."""
        entries = {entry.container.name: entry for entry in self.task.containers}
        for entry in self.task.containers:
            for dependency in entry.dependencies:
                self._await(entries[dependency.container], dependency, deadline)
            self._run(entry)
        for entry in self.task.containers:
            # One that nothing depends on may end as well, if it is not essential.
            if entry.container.init and self.observations.get(entry.container.name) is None:
                self.watch(entry.container, deadline)

    def _run(self, entry: EcsContainer) -> None:
        """Start one container."""
        options = [option for option in entry.options if not option.startswith(self._withheld or ("\0",))]
        if place := entry.environment.get(AUTHORITIES):
            options.append(f"--volume={self._authorities}:{place}:ro")
        self.podman.run(
            "run",
            "--detach",
            f"--name={self.podman_name(entry.container)}",
            f"--pod={self._pod}",
            "--pull=never",
            *self.session.label_options,
            *options,
            *[f"--secret={self._secrets[name]},type=env,target={name}" for name in entry.secrets],
            entry.container.image,
            *entry.command,
        )

    def _await(self, entry: EcsContainer, dependency: Dependency, deadline: float) -> None:
        """Wait until a container has come as far as another one needs.

        Raises:
            RehearsalError: It failed or took too long.
        """
        container = entry.container
        name = self.podman_name(container)
        limit = min(deadline, time.monotonic() + entry.start_seconds)
        if dependency.condition == "SUCCESS":
            self.watch(container, limit)
        elif dependency.condition == "COMPLETE":
            while state(self.podman, name)[0] == "running":
                if time.monotonic() > limit:
                    raise RehearsalError(f"{container.place} has not ended in time:\n{logs(self.podman, name)}")
                time.sleep(0.1)
        elif dependency.condition == "HEALTHY":
            if not container.probes:
                raise RehearsalError(f"{container.place} has no healthCheck, and another container waits for it")
            wait(self.podman, name, container.probes[0], self._publish, limit)

    def podman_name(self, container: Container) -> str:
        """Return podman's name of a container."""
        return self.session.name(container.name)
