"""An ECS container names a user, and it is not root."""

from collections.abc import Iterator

from ..model import Config, Finding, Level, Resource, Rule, Severity
from ..users import User, resolve
from .definition import EXEMPT_CONTAINERS, Container, container_check, is_task_definition, is_windows

_WRITE = 'a non-root user such as "10001:10001"'


def _container(container: Container) -> Iterator[Finding]:
    user = container.at("user")
    if resolve(user.text() or "") is not User.OTHER:
        yield Finding.at(user, _WRITE, container=container.name)


_check_containers = container_check(_container)


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    findings = list(_check_containers(resource, config))
    # ECS takes no `user` for a Windows container; asked only when there is something to exempt.
    if findings and not is_windows(resource):
        yield from findings


RULE = Rule(
    id="ecs-non-root",
    description="Every container of a task definition names a user that is not root.",
    remediation='Set "user" to a numeric uid other than 0; without it the image decides, and most images say root.',
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    frameworks=(
        "AWS Config: ecs-task-definition-linux-user-non-root",
        "AWS Security Hub: ECS.20",
        "CIS Docker: 4.1",
        "Well-Architected: Security",
    ),
    applies=is_task_definition,
    check=_check,
    config=EXEMPT_CONTAINERS,
)
