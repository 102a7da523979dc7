"""Runs the pod of a Deployment or a CronJob: ``podman kube play`` makes it, and its containers start one by one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import yaml

from berth.rehearse.drivers.driver import Driver, Fill
from berth.rehearse.drivers.kubernetes.manifest import manifest
from berth.rehearse.drivers.kubernetes.pod import TEMPLATES, extract, places, timeout_seconds
from berth.rehearse.drivers.kubernetes.security import refusals
from berth.rehearse.drivers.volumes import fill_volume
from components.service.spec import ContainerSecurity


class KubernetesDriver(Driver):
    """One pod of a Deployment, or of a CronJob's job."""

    claims = frozenset(TEMPLATES)

    def read(self, security: ContainerSecurity) -> None:
        """Read the pod and what it refers to."""
        self.workload = extract(self.unit.plan, self.unit.workload, security)
        self.pod = self.prefix + self.workload.name
        self.containers = self.workload.containers
        if self.unit.is_job:
            self.containers = (*(one for one in self.containers if one != self.service), self.service)
            self.timeout_seconds = timeout_seconds(self.unit.workload)
        self.known = self.workload.known_environment()
        files = [file.mounted for files in self.workload.files.values() for file in files]
        self.asked = {*self.workload.variables.values(), *files}
        self.not_rehearsed = self.workload.not_rehearsed

    def refusals(self, image_users: Mapping[str, str]) -> list[str]:
        """Return why a kubelet, or a namespace that enforces Pod Security, would not start this pod."""
        spec, place = self.workload.spec, self.workload.place
        return refusals(spec, places(spec, place), place, image_users)

    def create(self, fill: Fill, authorities: Path, overrides: Mapping[str, str]) -> None:
        """Make the pod from its manifest; nothing of it is on a command line, because it holds values."""
        written = manifest(
            self.workload,
            self.prefix,
            self.session.labels,
            self.published,
            fill,
            not self.missing,
            authorities,
            overrides,
        )
        for volume, files in written.volumes.items():
            fill_volume(self.podman, volume, files)
        for name, content in written.secrets.items():
            self.podman.run("secret", "create", name, "-", stdin=content)
        text = yaml.safe_dump_all(written.documents, sort_keys=False)
        self.podman.run("kube", "play", "--start=false", *self.podman.network(), "-", stdin=text)

    def start(self, deadline: float) -> None:
        """Start one container after the other, as a kubelet does: init containers and sidecars in their order first."""
        for container in self.containers:
            if self.ends(container):
                where = self.podman.run("inspect", "--format={{.PidFile}}", self.podman_name(container)).out.strip()
                self.glimpse(container, Path(where))
            self.podman.run("start", self.podman_name(container))
            if container.init:
                self.watch(container, deadline)
            elif container.sidecar and any(probe.name == "startupProbe" for probe in container.probes):
                self.until_well(container, deadline)
