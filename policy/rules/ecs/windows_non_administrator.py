"""An ECS container on Windows names a user, and it is no administrator."""

import re
from collections.abc import Iterator
from typing import Final

from ..model import Config, Finding, Level, NotApplicable, Resource, Rule, Severity
from ..users import User, resolve
from ..values import Field
from .definition import EXEMPT_CONTAINERS, Container, container_check, is_task_definition, is_windows_family, of_tasks

_ADMINISTRATOR: Final = re.compile(r"(container|domain|enterprise)?\s*administrators?|(local)?system|s-1-.*", re.ASCII)


def _container(container: Container) -> Iterator[Finding]:
    user = container.at("user")
    # With or without a domain: `NT AUTHORITY\SYSTEM`, `Administrator@example.com`; or a security identifier.
    name = re.split(r"[\\/]", (user.text() or "").lower())[-1].split("@")[0].strip(" .")
    if _ADMINISTRATOR.fullmatch(name) or resolve(name) is User.ROOT:
        yield Finding.at(user, 'a user that is no administrator, such as "ContainerUser"', container=container.name)


_check_containers = container_check(_container)


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    platform = resource.inputs.at("runtimePlatform").peek()
    family = Field(platform.get("operatingSystemFamily")).peek() if isinstance(platform, dict) else platform
    # A family that is unknown may be Windows, and does a user no harm that is fine on either system.
    if family is None or (isinstance(family, str) and not is_windows_family(family)):
        raise NotApplicable
    yield from _check_containers(resource, config)


RULE = Rule(
    id="ecs-windows-non-administrator",
    description="Every container of a task definition for Windows names a user that is no administrator.",
    remediation='Set "user" to "ContainerUser"; without it most images of Windows say ContainerAdministrator.',
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    frameworks=(
        "AWS Config: ecs-task-definition-windows-user-non-admin",
        "AWS Security Hub: ECS.21",
        "Well-Architected: Security",
    ),
    applies=is_task_definition,
    check=of_tasks(_check),
    config=EXEMPT_CONTAINERS,
)
