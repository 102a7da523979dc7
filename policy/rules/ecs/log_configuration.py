"""Every ECS container's output goes somewhere."""

from collections.abc import Iterator

from ..model import Finding, Level, Rule, Severity
from .definition import EXEMPT_CONTAINERS, Container, container_check, is_task_definition, of_tasks


def _container(container: Container) -> Iterator[Finding]:
    driver = container.at("logConfiguration", "logDriver")
    if not driver.text():
        yield Finding.at(driver, 'a log driver such as "awslogs"', container=container.name)


RULE = Rule(
    id="ecs-log-configuration",
    description="Every container of a task definition says where its log goes.",
    remediation='Set "logConfiguration" with a log driver and a log group whose retention is set.',
    # A missing log hides an incident; it lets nobody in.
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=(
        "AWS Config: ecs-task-definition-log-configuration",
        "AWS Security Hub: ECS.9",
        "Well-Architected: Operational Excellence",
    ),
    applies=is_task_definition,
    check=of_tasks(container_check(_container), jobs=False),
    config=EXEMPT_CONTAINERS,
)
