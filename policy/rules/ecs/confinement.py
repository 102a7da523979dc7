"""No ECS container switches off the runtime's confinement."""

from collections.abc import Iterator

from ..model import Finding, Level, Rule, Severity
from ..security_options import switches_off
from ..values import texts
from .definition import EXEMPT_CONTAINERS, Container, container_check, is_task_definition, of_tasks


def _container(container: Container) -> Iterator[Finding]:
    for field, option in texts(container.at("dockerSecurityOptions")):
        if switches_off(option):
            yield Finding.at(field, "no option that switches a protection off", container=container.name)


RULE = Rule(
    id="ecs-confined",
    description="No container of a task definition switches seccomp, AppArmor or SELinux off.",
    remediation='Remove the option from "dockerSecurityOptions"; the runtime\'s default profile then applies.',
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=("Well-Architected: Security",),
    applies=is_task_definition,
    check=of_tasks(container_check(_container)),
    config=EXEMPT_CONTAINERS,
)
