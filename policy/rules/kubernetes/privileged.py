"""No container is privileged."""

from collections.abc import Iterator

from ..model import Finding, Level, Severity
from .podrule import each_container, pod_rule
from .pods import Container, Pod


def _container(container: Container) -> Iterator[Finding]:
    privileged = container.security("privileged")
    if privileged.boolean():
        yield Finding.at(privileged, "false, or leave it out", container=container.name)


def _check(pod: Pod, version: int) -> Iterator[Finding]:
    yield from each_container(pod, _container)


RULE = pod_rule(
    _check,
    id="kubernetes-not-privileged",
    description="No container is privileged.",
    remediation="Leave securityContext.privileged out; a privileged container is root on its node.",
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    frameworks=("Pod Security Standards: baseline/privileged", "Well-Architected: Security"),
)
