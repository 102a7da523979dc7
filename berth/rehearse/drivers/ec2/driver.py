"""Runs the containers of a machine, each by ``podman run`` with what its unit declares."""

from __future__ import annotations

from dataclasses import replace

from berth.plan import Resource
from berth.rehearse.drivers.ec2.units import declares_units, extract
from berth.rehearse.drivers.pod import Entry, PodDriver
from components.service.spec import ContainerSecurity


class Ec2Driver(PodDriver):
    """One machine."""

    claims = frozenset({"aws:ec2/launchTemplate:LaunchTemplate"})

    @classmethod
    def takes(cls, workload: Resource) -> bool:
        """Take the machines that are told what to run; others join a cluster."""
        return declares_units(workload)

    def read(self, security: ContainerSecurity) -> None:
        """Read the units, and write the files that they mount."""
        service = self.unit.mooring.service if self.unit.mooring else None
        machine = extract(self.unit.plan, self.unit.workload, security, service)
        self._files = machine.files
        self.take([self._with_files(entry) for entry in machine.entries])
        self.not_rehearsed = machine.not_rehearsed

    def _with_files(self, entry: Entry) -> Entry:
        """Return a container with the machine's files where they are on this one."""
        options = []
        for option in entry.options:
            path = option.removeprefix("--volume=").partition(":")[0]
            if option.startswith("--volume=") and path in self._files:
                here = self.podman.scratch / f"{self.prefix}{path.strip('/').replace('/', '-')}"
                here.write_text(self._files[path], encoding="utf-8")
                here.chmod(0o644)
                option = option.replace(path, str(here), 1)
            options.append(option)
        return replace(entry, options=tuple(options))
