"""Every ECS container has a read-only root file system."""

from collections.abc import Iterator

from ..model import Finding, Level, Rule, Severity
from .definition import EXEMPT_CONTAINERS, Container, is_task_definition, linux_container_check, of_tasks


def _container(container: Container) -> Iterator[Finding]:
    read_only = container.at("readonlyRootFilesystem")
    if not read_only.boolean():
        yield Finding.at(read_only, "true, with a volume for each path that is written", container=container.name)


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
    check=of_tasks(linux_container_check(_container)),
    config=EXEMPT_CONTAINERS,
)
