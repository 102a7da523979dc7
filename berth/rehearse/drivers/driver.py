"""What running a workload has in common, whatever declares it."""

from __future__ import annotations

import socket
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from berth.plan import Kind, Mooring, Plan, Resource
from berth.rehearse.checks import Observation
from berth.rehearse.errors import RehearsalError
from berth.rehearse.glimpse import Glimpse
from berth.rehearse.health import logs, state, wait
from berth.rehearse.local import HOST
from berth.rehearse.observe import observe
from berth.rehearse.podman import Podman
from berth.rehearse.session import Session
from berth.rehearse.workload import Container, LoadBalancer, find_load_balancers
from components.service.spec import ContainerSecurity

CRON_JOB = "kubernetes:batch/v1:CronJob"
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

    @property
    def is_job(self) -> bool:
        """Whether it runs to its end and no longer."""
        return self.mooring.kind == "job" if self.mooring else self.workload.type == CRON_JOB


class Driver(ABC):
    """Runs one workload in a pod of its own."""

    claims: ClassVar[frozenset[str]]
    """Type tokens of the workloads that it runs."""

    backend_note: str = ""
    """Stands for what is promised where the backend has no way to declare it."""
    needs_volumes: bool = False
    """Whether the image must declare its writable paths as volumes, because root owns what is mounted otherwise."""

    containers: tuple[Container, ...]
    """In the order in which they are started."""
    timeout_seconds: float | None = None
    """How long a job may run; None where the Plan does not say."""
    not_rehearsed: tuple[str, ...]
    known: Mapping[str, str]
    """The environment variables whose value the Plan knows."""
    asked: Collection[str]
    """The variables, and paths of files, whose value comes from beside it: from parameters, ConfigMaps, Secrets."""

    @classmethod
    def is_part(cls, workload: Resource, surroundings: Sequence[Resource]) -> bool:
        """Say whether a workload is run together with another of its mooring, whose driver reads it."""
        return False

    @classmethod
    def lacks(cls) -> str:
        """Return what is missing on this machine to run such workloads, empty if nothing is."""
        return ""

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
        self._glimpses: dict[str, Glimpse] = {}
        self.writable_paths = security.writable_paths
        # The cgroup controllers that limits need and this podman has not been given.
        self.missing = [name for name in ("cpu", "memory") if name not in podman.controllers]
        self.read(security)
        unlimited = (f"{name} limits: this podman has not been given the cgroup controller" for name in self.missing)
        self.not_rehearsed = (*self.not_rehearsed, *unlimited)

    @classmethod
    def takes(cls, workload: Resource) -> bool:
        """Say whether it runs this resource of a type that it claims: not every one need be a workload."""
        return True

    @abstractmethod
    def read(self, security: ContainerSecurity) -> None:
        """Set what every driver has: containers, environment, what is not rehearsed."""

    @cached_property
    def service(self) -> Container:
        """The workload's own container: the one with its service's name, or else the first that declares a port.

        Raises:
            RehearsalError: There is none.
        """
        name = self.unit.mooring.service if self.unit.mooring else None
        own = [one for one in self.containers if not one.init and not one.sidecar]
        if not own:
            raise RehearsalError(f"{self.unit.name} has no container that stays, so there is nothing to rehearse")
        return min(own, key=lambda one: (one.name != name, not one.ports))

    @property
    def beside(self) -> list[Container]:
        """The containers that stay beside the workload's own."""
        return [one for one in self.containers if not one.init and one != self.service]

    @property
    def kind(self) -> Kind:
        """What kind of service it is; by its ports in a Plan without moorings."""
        if self.unit.mooring:
            return self.unit.mooring.kind
        return "job" if self.unit.is_job else "web" if self.service.ports else "worker"

    @cached_property
    def published(self) -> dict[int, int]:
        """This machine's loopback port for each port of the workload's own container; none of a worker or a job."""
        return {port: free_port() for port in self.service.ports} if self.kind == "web" else {}

    @cached_property
    def balancers(self) -> dict[int, LoadBalancer]:
        """How a load balancer asks each of those ports; a target group for another port means the first of them."""
        found: dict[int, LoadBalancer] = {}
        if own := next(iter(self.published), None):
            ordered = sorted(
                find_load_balancers(self.unit.surroundings), key=lambda one: one.port not in self.published
            )
            for one in ordered:
                found.setdefault(one.port if one.port in self.published else own, one)
        return found

    @property
    def url(self) -> str | None:
        """Where the service answers on this machine, None if it does not."""
        return next((f"http://{HOST}:{port}" for port in self.published.values()), None)

    def podman_name(self, container: Container) -> str:
        """Return podman's name of a container."""
        return f"{self.pod}-{container.name}"

    def refusals(self, image_users: Mapping[str, str]) -> list[str]:
        """Return why the backend would not start this workload; ECS starts whatever a definition says."""
        return []

    @abstractmethod
    def create(self, fill: Fill, authorities: Path, overrides: Mapping[str, str]) -> None:
        """Make the pod; nothing runs in it yet.

        Args:
            fill: Gives the variables that only exist after creation their value.
            authorities: File that containers find where ``PGSSLROOTCERT`` says.
            overrides: Variables with other values than planned: of every container that has such a variable, and of
                those of the service's own image.
        """

    @abstractmethod
    def start(self, deadline: float) -> None:
        """Start the containers in their order; init containers have ended with success when this returns.

        The container of a job comes last, so that it can be looked at from its beginning.
        """

    def ends(self, container: Container) -> bool:
        """Return whether a container is to end by itself."""
        return container.init or (self.kind == "job" and container == self.service)

    def glimpse(self, container: Container, pid_file: Path) -> None:
        """Look at a container that ends as soon as it starts, which is next.

        Args:
            container: It.
            pid_file: Where podman will write the pid of its first process.
        """
        self._glimpses[container.name] = Glimpse(pid_file)

    def watch(
        self, container: Container, deadline: float, writable: Sequence[str] | None = None, *, may_fail: bool = False
    ) -> None:
        """Wait for a container to end, and look at it while it runs.

        Args:
            container: It.
            deadline: By the monotonic clock.
            writable: Paths in which its own user is to create a file; None to leave that out.
            may_fail: Whether its exit status means nothing to those that wait for it.

        Raises:
            RehearsalError: It failed, or did not end in time; carries its last lines.
        """
        name = self.podman_name(container)
        started = time.monotonic()
        glimpse = self._glimpses.pop(container.name, None)
        try:
            while True:
                if self.observations.get(container.name) is None:
                    self.observations[container.name] = observe(self.podman, name, writable)
                status, code = state(self.podman, name)
                if status == "exited":
                    break
                if time.monotonic() > deadline:
                    raise RehearsalError(
                        f"{container.place} has not ended within {time.monotonic() - started:.0f} s; its last lines:\n"
                        + logs(self.podman, name)
                    )
                time.sleep(GLANCE)
        finally:
            first = glimpse.end() if glimpse else None
        if self.observations[container.name] is None:
            self.observations[container.name] = first
        if code and not may_fail:
            then = ", so the service is never started" if container.init else ""
            raise RehearsalError(
                f"{container.place} ended with exit status {code}{then}; its last lines:\n{logs(self.podman, name)}"
            )

    def until_well(self, container: Container, deadline: float) -> None:
        """Wait until a container is well by the first of its probes, as others that start after it do.

        Raises:
            RehearsalError: It ended, or is not well in time.
        """
        wait(self.podman, self.podman_name(container), container.probes[0], self.published, deadline)


def free_port() -> int:
    """Return a port of the loopback that nothing listens on."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return int(listener.getsockname()[1])
