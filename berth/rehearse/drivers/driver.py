"""What running a workload has in common, whatever declares it."""

from __future__ import annotations

import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from berth.plan import Mooring, Plan, Resource
from berth.rehearse.checks import Observation
from berth.rehearse.errors import RehearsalError
from berth.rehearse.health import logs, state
from berth.rehearse.local import HOST
from berth.rehearse.observe import observe
from berth.rehearse.podman import Podman
from berth.rehearse.session import Session
from berth.rehearse.workload import Container
from components.service.spec import ContainerSecurity

GLANCE = 0.02
"""Pause between two looks at a container that ends soon."""

Fill = Callable[[str, str, Any], str]
"""Gives a variable (name, place, planned value or ``UNKNOWN``) its value on this machine."""
AUTHORITIES = "PGSSLROOTCERT"
"""Variable that names the file with the database's authorities, libpq's own."""


@dataclass(frozen=True)
class Unit:
    """One workload of a Plan that is run, and where it belongs."""

    name: str
    """What messages call it: ``shop at eks``; the workload's own name in a Plan without moorings."""
    workload: Resource
    plan: Plan
    mooring: Mooring | None = None

    @property
    def surroundings(self) -> Sequence[Resource]:
        """What belongs to its mooring, such as its target group; all of the Plan where there are no moorings."""
        return self.plan.inside(self.mooring.urn) if self.mooring else self.plan.resources


class Driver(ABC):
    """Runs one workload in a pod of its own."""

    claims: ClassVar[str]
    """Type token of the workloads that it runs."""
    backend_note: str = ""
    """Stands for what is promised where the backend has no way to declare it."""
    needs_volumes: bool = False
    """Whether the image must declare its writable paths as volumes, because root owns what is mounted otherwise."""

    containers: tuple[Container, ...]
    not_rehearsed: tuple[str, ...]
    known: Mapping[str, str]
    """The environment variables whose value the Plan knows."""
    asked: Collection[str]
    """The variables whose value comes from beside the workload: parameters, ConfigMaps, Secrets."""

    def __init__(self, podman: Podman, session: Session, unit: Unit, number: int, security: ContainerSecurity) -> None:
        """Read the workload out of the Plan.

        Args:
            podman: Runs everything.
            session: Names everything.
            unit: What is run.
            number: Tells its names from those of the rehearsal's other workloads.
            security: What is promised of every container.

        Raises:
            RehearsalError: It cannot be rehearsed.
        """
        self.podman = podman
        self.session = session
        self.unit = unit
        self.prefix = session.name(f"{number}-")
        self.pod = self.prefix + "task"
        self.observations: dict[str, Observation | None] = {}
        # The cgroup controllers that limits need and this podman has not been given.
        self.missing = [name for name in ("cpu", "memory") if name not in podman.controllers]
        self.read(security)
        unlimited = (f"{name} limits: this podman has not been given the cgroup controller" for name in self.missing)
        self.not_rehearsed = (*self.not_rehearsed, *unlimited)

    @abstractmethod
    def read(self, security: ContainerSecurity) -> None:
        """Set what every driver has: containers, environment, what is not rehearsed."""

    @property
    def service(self) -> Container:
        """The container that answers requests: the first that stays and declares a port.

        Raises:
            RehearsalError: There is none.
        """
        for container in self.containers:
            if not container.init and container.ports:
                return container
        raise RehearsalError(
            "no container declares a port, so there is nothing to ask\n"
            f"  looked at: {', '.join(container.place for container in self.containers)}"
        )

    @cached_property
    def published(self) -> tuple[int, int]:
        """The service's port in its container, and this machine's loopback port for it."""
        return self.service.ports[0], free_port()

    @property
    def url(self) -> str:
        """Where the service answers on this machine."""
        return f"http://{HOST}:{self.published[1]}"

    def podman_name(self, container: Container) -> str:
        """Return podman's name of a container."""
        return f"{self.pod}-{container.name}"

    def refusals(self, image_users: Mapping[str, str]) -> list[str]:
        """Return why the backend would not start this workload; ECS starts whatever a definition says."""
        return []

    @abstractmethod
    def create(self, fill: Fill, authorities: Path) -> None:
        """Make the pod; nothing runs in it yet.

        Args:
            fill: Gives the variables that only exist after creation their value.
            authorities: File that containers find where ``PGSSLROOTCERT`` says.
        """

    @abstractmethod
    def start(self, deadline: float) -> None:
        """Start the containers in their order; init containers have ended with success when this returns."""

    def watch(self, container: Container, deadline: float, alongside: subprocess.Popen[str] | None = None) -> None:
        """Wait for an init container to end, and look at it while it runs.

        Args:
            container: It.
            deadline: By the monotonic clock.
            alongside: The program that starts it; when that has ended, the container has ended or never will start.

        Raises:
            RehearsalError: It failed, or did not end in time; carries its last lines.
        """
        name = self.podman_name(container)
        while True:
            if self.observations.get(container.name) is None:
                self.observations[container.name] = observe(self.podman, name, None)
            status, code = state(self.podman, name)
            if status == "exited":
                break
            if alongside is not None and alongside.poll() is not None and status not in ("running", "stopping"):
                return  # its starter knows better why
            if time.monotonic() > deadline:
                raise RehearsalError(
                    f"{container.place} has not ended in time; its last lines:\n{logs(self.podman, name)}"
                )
            time.sleep(GLANCE)
        if code:
            raise RehearsalError(
                f"{container.place} ended with exit status {code}, so the service is never started; its last lines:\n"
                + logs(self.podman, name)
            )


def free_port() -> int:
    """Return a port of the loopback that nothing listens on."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return int(listener.getsockname()[1])
