"""Every ECS container has a read-only root file system."""

from collections.abc import Iterator

from ..model import Config, Finding, Level, Resource, Rule, Severity
from .definition import EXEMPT_CONTAINERS, Container, container_check, is_task_definition, is_windows


def _container(container: Container) -> Iterator[Finding]:
    read_only = container.at("readonlyRootFilesystem")
    if not read_only.boolean():
        yield Finding.at(read_only, "true, with a volume for each path that is written", container=container.name)


_check_containers = container_check(_container)


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    findings = list(_check_containers(resource, config))
    # Windows containers have no such switch.
    if findings and not is_windows(resource):
        yield from findings


RULE = Rule(
    id="ecs-read-only-root",
    description="Every container of a task definition has a read-only root file system.",
    remediation='Set "readonlyRootFilesystem" to true and mount a volume where the process must write.',
    # Hardening of a process that is already not root; third-party sidecars often cannot do it.
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=(
        "AWS Config: ecs-containers-readonly-access",
        "AWS Security Hub: ECS.5",
        "Well-Architected: Security",
    ),
    applies=is_task_definition,
    check=_check,
    config=EXEMPT_CONTAINERS,
)
