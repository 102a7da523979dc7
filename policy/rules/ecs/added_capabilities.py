"""No ECS container gets a Linux capability on top of the default set."""

from collections.abc import Iterator

from ..model import Finding, Level, Rule, Severity
from ..values import texts
from .definition import EXEMPT_CONTAINERS, Container, container_check, is_task_definition, of_tasks


def _container(container: Container) -> Iterator[Finding]:
    for field, _ in texts(container.at("linuxParameters", "capabilities", "add")):
        yield Finding.at(field, "no added capability", container=container.name)


RULE = Rule(
    id="ecs-no-added-capabilities",
    description="No container of a task definition adds a Linux capability.",
    remediation='Leave "linuxParameters.capabilities.add" out.',
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=("Well-Architected: Security",),
    applies=is_task_definition,
    check=of_tasks(container_check(_container)),
    config=EXEMPT_CONTAINERS,
)
