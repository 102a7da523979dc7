"""No ECS container gets a device of its host."""

from collections.abc import Iterator

from ..model import Finding, Level, Rule, Severity
from .definition import EXEMPT_CONTAINERS, Container, container_check, is_task_definition, of_tasks


def _container(container: Container) -> Iterator[Finding]:
    for device in container.at("linuxParameters", "devices").items():
        yield Finding.at(device, "no device of the host", container=container.name)


RULE = Rule(
    id="ecs-no-host-devices",
    description="No container of a task definition gets a device of its host.",
    remediation='Leave "linuxParameters.devices" out; a disk of the host is all that is on it. A GPU is asked for in '
    '"resourceRequirements".',
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=("CIS Docker: 5.18", "Well-Architected: Security"),
    applies=is_task_definition,
    check=of_tasks(container_check(_container)),
    config=EXEMPT_CONTAINERS,
)
