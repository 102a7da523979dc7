"""No ECS container is privileged."""

from collections.abc import Iterator

from ..model import Finding, Level, Rule, Severity
from .definition import EXEMPT_CONTAINERS, Container, container_check, is_task_definition, of_tasks


def _container(container: Container) -> Iterator[Finding]:
    privileged = container.at("privileged")
    if privileged.boolean():
        yield Finding.at(privileged, "false, or leave it out", container=container.name)


RULE = Rule(
    id="ecs-not-privileged",
    description="No container of a task definition is privileged.",
    remediation='Leave "privileged" out; a privileged container is root on its host.',
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    frameworks=(
        "AWS Config: ecs-containers-nonprivileged",
        "AWS Security Hub: ECS.4",
        "Well-Architected: Security",
    ),
    applies=is_task_definition,
    check=of_tasks(container_check(_container)),
    config=EXEMPT_CONTAINERS,
)
