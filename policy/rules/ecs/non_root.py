"""An ECS container names a user, and it is not root."""

from collections.abc import Iterator

from ..model import Finding, Level, Rule, Severity
from ..users import User, resolve
from .definition import EXEMPT_CONTAINERS, Container, is_task_definition, linux_container_check, of_tasks

_WRITE = 'a non-root user such as "10001:10001"'


def _container(container: Container) -> Iterator[Finding]:
    user = container.at("user")
    if resolve(user.text() or "") is not User.OTHER:
        yield Finding.at(user, _WRITE, container=container.name)


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
    check=of_tasks(linux_container_check(_container)),
    config=EXEMPT_CONTAINERS,
)
