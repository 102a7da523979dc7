"""Every ECS container drops all Linux capabilities."""

from collections.abc import Iterator

from ..model import Finding, Level, Rule, Severity
from ..values import texts
from .definition import EXEMPT_CONTAINERS, Container, is_task_definition, linux_container_check, of_tasks


def _container(container: Container) -> Iterator[Finding]:
    drop = container.at("linuxParameters", "capabilities", "drop")
    if "ALL" not in [name for _, name in texts(drop)]:
        yield Finding.at(drop, '["ALL"]', container=container.name)


RULE = Rule(
    id="ecs-drop-capabilities",
    description="Every container of a task definition drops all Linux capabilities.",
    remediation='Set "linuxParameters.capabilities.drop" to ["ALL"].',
    # A process that is not root holds none of the default capabilities anyhow: this closes the way back to them.
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=("Well-Architected: Security",),
    applies=is_task_definition,
    check=of_tasks(linux_container_check(_container), jobs=False),
    config=EXEMPT_CONTAINERS,
)
