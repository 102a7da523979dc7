"""Runs an ECS task's containers, each by ``podman run`` with what its definition declares."""

from __future__ import annotations

from berth.rehearse.drivers.ecs.job import timeout_seconds
from berth.rehearse.drivers.ecs.task import TASK_DEFINITION, extract
from berth.rehearse.drivers.pod import PodDriver
from components.service.spec import ContainerSecurity


class EcsDriver(PodDriver):
    """One ECS task."""

    claims = frozenset({TASK_DEFINITION})
    backend_note = "no field on Fargate"

    def read(self, security: ContainerSecurity) -> None:
        """Read the task's containers."""
        task = extract(self.unit.plan, self.unit.workload, security, f"{self.prefix}volume-")
        self.take(task.containers)
        if self.unit.is_job:
            planned = self.unit.mooring.timeout_seconds if self.unit.mooring else None
            self.timeout_seconds = timeout_seconds(self.unit.surroundings) or planned
            awaited = {one.container for entry in task.containers for one in entry.dependencies}
            if self.service.name not in awaited:
                self.containers = (*(one for one in self.containers if one != self.service), self.service)
        self.not_rehearsed = task.not_rehearsed
        self.needs_volumes = task.fargate
