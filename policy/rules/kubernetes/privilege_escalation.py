"""No container can gain privileges that it did not start with."""

from collections.abc import Iterator

from ..model import Finding, Level, Severity
from .podrule import each_container, pod_rule
from .pods import Container, Pod


def _container(container: Container) -> Iterator[Finding]:
    allowed = container.security("allowPrivilegeEscalation")
    if allowed.boolean() is not False:
        yield Finding.at(allowed, "false", container=container.name)


def _check(pod: Pod, version: int) -> Iterator[Finding]:
    yield from each_container(pod, _container)


RULE = pod_rule(
    _check,
    id="kubernetes-no-privilege-escalation",
    description="Every container forbids privilege escalation.",
    remediation="Set securityContext.allowPrivilegeEscalation to false on every container; the default is true.",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=("Pod Security Standards: restricted/allowPrivilegeEscalation", "Well-Architected: Security"),
    since=8,
    windows_exempt_since=25,
)
