"""Runs the containers of an environment, each by ``podman run`` with what its Compose file declares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from berth.plan import Resource
from berth.rehearse.drivers.beanstalk.composition import extract, folder_of
from berth.rehearse.drivers.driver import Fill
from berth.rehearse.drivers.pod import PodDriver
from berth.rehearse.drivers.volumes import FileOf, fill_volume
from berth.rehearse.workload import known
from components.service.spec import ContainerSecurity


class BeanstalkDriver(PodDriver):
    """One machine of an environment."""

    claims = frozenset({"aws:elasticbeanstalk/environment:Environment"})

    @classmethod
    def takes(cls, workload: Resource) -> bool:
        """Take environments of the platform of Docker; others run no containers."""
        return any("Docker" in str(known(workload.inputs.get(key))) for key in ("solutionStackName", "platformArn"))

    def read(self, security: ContainerSecurity) -> None:
        """Read the Compose file, and let folders of the machine be volumes."""
        service = self.unit.mooring.service if self.unit.mooring else None
        found = extract(self.unit.plan, self.unit.workload, security, service)
        self._files, self._group = found.files, security.gid
        folders = sorted({folder_of(file.at) for file in found.files})
        self._volumes = {folder: f"{self.prefix}files-{number}" for number, folder in enumerate(folders)}
        entries = []
        for entry in found.entries:
            options = list(entry.options)
            for folder, volume in self._volumes.items():
                options = [one.replace(f"--volume={folder}:", f"--volume={volume}:") for one in options]
            entries.append(replace(entry, options=tuple(options)))
        self.take(entries)
        self.asked = {*self.asked, *(file.path for file in found.files if file.content is None)}
        self.not_rehearsed = found.not_rehearsed

    def create(self, fill: Fill, authorities: Path, overrides: Mapping[str, str]) -> None:
        """Write the files as the machine does, then make the pod."""
        for folder, volume in self._volumes.items():
            files = [
                FileOf(
                    file.at.rpartition("/")[2],
                    fill(file.path, file.place, file.planned) if file.content is None else file.content,
                    0o440,
                    self._group,
                )
                for file in self._files
                if folder_of(file.at) == folder
            ]
            fill_volume(self.podman, volume, files)
        super().create(fill, authorities, overrides)
