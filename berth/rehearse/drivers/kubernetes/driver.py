"""Runs a Deployment's pod by ``podman kube play``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import yaml

from berth.rehearse.drivers.driver import Driver, Fill
from berth.rehearse.drivers.kubernetes.manifest import manifest
from berth.rehearse.drivers.kubernetes.pod import DEPLOYMENT, extract, places
from berth.rehearse.drivers.kubernetes.security import refusals
from berth.rehearse.errors import RehearsalError
from berth.rehearse.podman import Output, explain
from components.service.spec import ContainerSecurity


class KubernetesDriver(Driver):
    """One pod of a Deployment."""

    claims = DEPLOYMENT

    def read(self, security: ContainerSecurity) -> None:
        """Read the pod and what it refers to."""
        self.workload = extract(self.unit.plan, self.unit.workload, security)
        self.pod = self.prefix + self.workload.name
        self.containers = self.workload.containers
        self.known = self.workload.known_environment()
        self.asked = set(self.workload.variables.values())
        self.not_rehearsed = self.workload.not_rehearsed

    def refusals(self, image_users: Mapping[str, str]) -> list[str]:
        """Return why a kubelet, or a namespace that enforces Pod Security, would not start this pod."""
        spec, place = self.workload.spec, self.workload.place
        return refusals(spec, places(spec, place), place, image_users)

    def create(self, fill: Fill, authorities: Path) -> None:
        """Make the pod from its manifest; nothing of it is on a command line, because it holds values."""
        written = manifest(
            self.workload, self.prefix, self.session.labels, self.published, fill, not self.missing, authorities
        )
        for name, content in written.secrets.items():
            self.podman.run("secret", "create", name, "-", stdin=content)
        text = yaml.safe_dump_all(written.documents, sort_keys=False)
        self.podman.run("kube", "play", "--start=false", *self.podman.network(), "-", stdin=text)

    def start(self, deadline: float) -> None:
        """Start the pod; podman runs its init containers one after the other first."""
        process = self.podman.start(self.podman.command("pod", "start", self.pod))
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
