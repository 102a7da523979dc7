"""An ECS task shares no namespace with its host."""

from collections.abc import Iterator

from ..evaluate import each
from ..model import Config, Finding, Level, Resource, Rule, Severity
from ..values import Field
from .definition import is_task_definition

_INSTEAD = {
    "pidMode": '"task", or leave it out',
    "ipcMode": '"task" or "none", or leave it out',
    "networkMode": '"awsvpc"',
}


def _mode(field: Field) -> Iterator[Finding]:
    if (field.text() or "").strip().lower() == "host":
        yield Finding.at(field, _INSTEAD[field.path])


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    yield from each([resource.inputs.at(key) for key in _INSTEAD], _mode)


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
    check=_check,
)
