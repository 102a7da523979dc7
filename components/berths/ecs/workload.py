"""What runs one mooring's service on an ECS cluster, Fargate or EC2; what differs between them is its ``Capacity``."""

from __future__ import annotations

from components.berths.ecs.capacity import Capacity
from components.berths.ecs.job import schedule
from components.berths.ecs.service import serve
from components.berths.ecs.task import Task
from components.ground import Ground
from components.mooring import Mooring


def run(ground: Ground, mooring: Mooring, capacity: Capacity) -> str:
    """Create the task definition and what starts it, as children of the mooring.

    Args:
        ground: what every room and berth stands on.
        mooring: the service, its target groups and what forwards to them.
        capacity: where the tasks run.

    Returns:
        One command: a shell, the logs, or for a job a run.
    """
    task = Task(ground, mooring, capacity)
    job = mooring.spec.job
    return schedule(ground, mooring, capacity, task, job) if job else serve(ground, mooring, capacity, task)
