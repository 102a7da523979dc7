"""Every ECS container drops all Linux capabilities."""

from collections.abc import Iterator

from ..model import Config, Finding, Level, Resource, Rule, Severity
from ..values import texts
from .definition import EXEMPT_CONTAINERS, Container, container_check, is_task_definition, is_windows


def _container(container: Container) -> Iterator[Finding]:
    drop = container.at("linuxParameters", "capabilities", "drop")
    if "ALL" not in [name for _, name in texts(drop)]:
        yield Finding.at(drop, '["ALL"]', container=container.name)


_check_containers = container_check(_container)


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    findings = list(_check_containers(resource, config))
    if findings and not is_windows(resource):
        yield from findings


RULE = Rule(
    id="ecs-drop-capabilities",
    description="Every container of a task definition drops all Linux capabilities.",
    remediation='Set "linuxParameters.capabilities.drop" to ["ALL"].',
    # A process that is not root holds none of the default capabilities anyhow: this closes the way back to them.
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=("Well-Architected: Security",),
    applies=is_task_definition,
    check=_check,
    config=EXEMPT_CONTAINERS,
)
