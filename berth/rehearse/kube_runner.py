"""Runs a rendered chart's pod by ``podman kube play``."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import yaml

from berth.plan import Plan
from berth.rehearse.errors import RehearsalError
from berth.rehearse.kube import extract, manifest, places
from berth.rehearse.kube_security import refusals
from berth.rehearse.podman import Output, Podman, explain
from berth.rehearse.runner import Fill, Runner
from berth.rehearse.session import Session
from berth.rehearse.workload import Container
from components.service import ContainerSecurity


class KubeRunner(Runner):
    """One pod of a Deployment."""

    backend = "EKS"

    def __init__(self, podman: Podman, session: Session, plan: Plan, security: ContainerSecurity) -> None:
        """Read the pod and what it refers to out of the Plan.

        Args:
            podman: Runs everything.
            session: Names everything.
            plan: The stack's Plan.
            security: What is promised of every container.

        Raises:
            RehearsalError: It cannot be rehearsed.
        """
        super().__init__(podman, session)
        self.workload = extract(plan, security)
        self.containers = self.workload.containers
        self._limits = not self.limit_controllers()
        self.not_rehearsed = (
            *self.workload.not_rehearsed,
            *(() if self._limits else ("limits: this podman has not been given the cgroup controllers",)),
        )
        self._pod = session.name(self.workload.name)

    def known_environment(self) -> Mapping[str, str]:
        """Return the variables whose value the Plan knows."""
        return self.workload.known_environment()

    def asked_environment(self) -> Collection[str]:
        """Return the variables that the pod takes from ConfigMaps and Secrets."""
        return set(self.workload.variables.values())

    def refusals(self, image_users: Mapping[str, str]) -> list[str]:
        """Return why a kubelet, or a namespace that enforces Pod Security, would not start this pod."""
        spec, place = self.workload.spec, self.workload.place
        return refusals(spec, places(spec, place), place, image_users)

    def create(self, publish: tuple[int, int], fill: Fill, authorities: Path) -> str:
        """Make the pod from its manifest; nothing of it is on a command line, because it holds values."""
        written = manifest(
            self.workload, self.session.prefix, self.session.labels, publish, fill, self._limits, authorities
        )
        for name, content in written.secrets.items():
            self.podman.run("secret", "create", name, "-", stdin=content)
        text = yaml.safe_dump_all(written.documents, sort_keys=False)
        self.podman.run("kube", "play", "--start=false", *self.podman.network(), "-", stdin=text)
        return self._pod

    def start(self, deadline: float) -> None:
        """Start the pod; podman runs its init containers one after the other first."""
        process = self.podman.start(self.podman.command("pod", "start", self._pod))
        try:
            for container in self.containers:
                if container.init:
                    self.watch(container, deadline, alongside=process)
            _, err = process.communicate(timeout=60)
        finally:
            # Whatever ended the wait, nothing may be started any more when the removal begins.
            if process.poll() is None:
                self.podman.end(process)
            self.podman.forget(process)
        if process.returncode:
            problem = explain(Output(process.returncode, "", err).last_error)
            raise RehearsalError(f"the pod of {self.workload.place} could not be started: {problem}")

    def podman_name(self, container: Container) -> str:
        """Return podman's name of a container."""
        return f"{self._pod}-{container.name}"
