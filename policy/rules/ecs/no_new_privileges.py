"""An ECS container on EC2 cannot gain privileges that it did not start with."""

from collections.abc import Iterator
from typing import Final

from ..model import Config, Finding, Level, NotApplicable, Resource, Rule, Severity
from ..values import Unreadable, texts
from .definition import EXEMPT_CONTAINERS, Container, container_check, is_task_definition, is_windows, of_tasks

_ON: Final = frozenset({"no-new-privileges", "no-new-privileges:true", "no-new-privileges=true"})


def _container(container: Container) -> Iterator[Finding]:
    options = container.at("dockerSecurityOptions")
    if not any(option in _ON for _, option in texts(options)):
        yield Finding.at(options, '["no-new-privileges"]', container=container.name)


_check_containers = container_check(_container)


def _runs_on_fargate(resource: Resource) -> bool:
    try:
        return any(name == "FARGATE" for _, name in texts(resource.inputs.at("requiresCompatibilities")))
    except Unreadable:
        return False


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    findings = list(_check_containers(resource, config))
    if not findings:
        return
    # Fargate and Windows take no security options.
    if _runs_on_fargate(resource) or is_windows(resource):
        raise NotApplicable
    yield from findings


RULE = Rule(
    id="ecs-no-new-privileges",
    description="No container of a task definition for EC2 can gain privileges after its start.",
    remediation='Set "dockerSecurityOptions" to ["no-new-privileges"]; Fargate has no such option.',
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=("Well-Architected: Security",),
    applies=is_task_definition,
    check=of_tasks(_check, jobs=False),
    config=EXEMPT_CONTAINERS,
)
