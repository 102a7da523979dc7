"""What both ECS berths are told, and what ECS cannot do."""

from __future__ import annotations

from typing import Annotated, Final

from components.berths.contract import Limit
from components.config.keys import Key, Model


class EcsSettings(Model):
    """Keys of both ECS berths."""

    exec: Annotated[bool, Key("Whether `aws ecs execute-command` opens a shell in a task.", example=True)] = False


LIMITS: Final = (
    Limit("Seccomp profiles of one's own", "the runtime's default profile applies"),
    Limit("Runs of a job that never overlap", "a time-out below the schedule's interval, or a lock of the job's own"),
    Limit("Network policies between tasks", "security groups, one for each service"),
)
