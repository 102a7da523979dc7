"""What running a workload has in common, whatever declares it."""

from __future__ import annotations

import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from berth.rehearse.checks import Observation
from berth.rehearse.errors import RehearsalError
from berth.rehearse.health import logs, state
from berth.rehearse.observe import observe
from berth.rehearse.podman import Podman
from berth.rehearse.session import Session
from berth.rehearse.workload import Container

GLANCE = 0.02
"""Pause between two looks at a container that ends soon."""

Fill = Callable[[str, str], str]
"""Gives a variable (name, place) its value on this machine."""
AUTHORITIES = "PGSSLROOTCERT"
"""Variable that names the file with the database's authorities, libpq's own."""


class Runner(ABC):
    """Runs one stack's workload in one pod, with the database in the same network."""

    backend: str
    containers: tuple[Container, ...]
    not_rehearsed: tuple[str, ...]
    backend_note: str = ""
    """Stands for what is promised where the backend has no way to declare it."""
    needs_volumes: bool = False
    """Whether the image must declare its writable paths as volumes, because root owns what is mounted otherwise."""

    def __init__(self, podman: Podman, session: Session) -> None:
        """Keep what it works with.

        Args:
            podman: Runs everything.
            session: Names everything.
        """
        self.podman = podman
        self.session = session
        self.observations: dict[str, Observation | None] = {}

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

    @abstractmethod
    def known_environment(self) -> Mapping[str, str]:
        """Return the variables whose value the Plan knows."""

    @abstractmethod
    def asked_environment(self) -> Collection[str]:
        """Return the variables whose value comes from beside the workload: parameters, ConfigMaps, Secrets."""

    @abstractmethod
    def refusals(self, image_users: Mapping[str, str]) -> list[str]:
        """Return why the backend would not start this workload."""

    @abstractmethod
    def create(self, publish: tuple[int, int], fill: Fill, authorities: Path) -> str:
        """Make the pod, and nothing runs in it yet; return its name.

        Args:
            publish: The container port that is published, and this machine's loopback port for it.
            fill: Gives the variables that only exist after creation their value.
            authorities: File that containers find where ``PGSSLROOTCERT`` says; filled before ``start``.
        """

    @abstractmethod
    def start(self, deadline: float) -> None:
        """Start the containers in their order; init containers have ended with success when this returns."""

    @abstractmethod
    def podman_name(self, container: Container) -> str:
        """Return podman's name of a container."""

    def limit_controllers(self) -> Sequence[str]:
        """Return the cgroup controllers that limits need and this podman has not been given."""
        return [name for name in ("cpu", "memory") if name not in self.podman.controllers]

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
