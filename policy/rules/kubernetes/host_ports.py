"""No container takes a port of its node."""

from collections.abc import Iterator

from ..model import Finding, Level, Severity
from .podrule import each_container, pod_rule
from .pods import Container, Pod


def _container(container: Container) -> Iterator[Finding]:
    for port in container.at("ports").items():
        host_port = port.at("hostPort")
        if host_port.number():
            yield Finding.at(host_port, "no hostPort; use a Service", container=container.name)


def _check(pod: Pod, version: int) -> Iterator[Finding]:
    yield from each_container(pod, _container)


RULE = pod_rule(
    _check,
    id="kubernetes-no-host-ports",
    description="No container takes a port of its node.",
    remediation="Leave hostPort out of every container port and reach the pod through a Service.",
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    frameworks=("Pod Security Standards: baseline/hostPorts", "Well-Architected: Security"),
)
