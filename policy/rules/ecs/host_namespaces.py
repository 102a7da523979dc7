"""An ECS task shares no namespace with its host."""

from collections.abc import Iterator
from functools import partial

from ..evaluate import each
from ..model import Config, Finding, Level, Resource, Rule, Severity
from ..values import Field
from .definition import is_task_definition, of_tasks

_INSTEAD = {
    "pidMode": '"task", or leave it out',
    "ipcMode": '"task" or "none", or leave it out',
    "networkMode": '"awsvpc"',
}


def _mode(inputs: Field, key: str) -> Iterator[Finding]:
    field = inputs.at(key)
    if (field.text() or "").strip().lower() == "host":
        yield Finding.at(field, _INSTEAD[key])


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    yield from each(_INSTEAD, partial(_mode, resource.inputs))


RULE = Rule(
    id="ecs-no-host-namespaces",
    description="A task definition does not use its host's process, IPC or network namespace.",
    remediation='Leave "pidMode" and "ipcMode" out and set "networkMode" to "awsvpc".',
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=(
        "AWS Config: ecs-task-definition-pid-mode-check",
        "AWS Config: ecs-task-definition-network-mode-not-host",
        "AWS Security Hub: ECS.3",
        "AWS Security Hub: ECS.17",
        "Well-Architected: Security",
    ),
    applies=is_task_definition,
    check=of_tasks(_check),
)
