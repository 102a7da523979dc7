"""No probe and no lifecycle hook is sent to another host."""

from collections.abc import Iterator
from typing import Final

from ..model import Finding, Level, Severity
from .podrule import each_container, pod_rule
from .pods import Container, Pod

_HANDLERS: Final = (
    ("livenessProbe",),
    ("readinessProbe",),
    ("startupProbe",),
    ("lifecycle", "postStart"),
    ("lifecycle", "preStop"),
)
_ACTIONS: Final = ("httpGet", "tcpSocket")


def _container(container: Container) -> Iterator[Finding]:
    for handler in _HANDLERS:
        for action in _ACTIONS:
            host = container.at(*handler, action, "host")
            if host.text():
                yield Finding.at(host, "no host; the pod itself is then asked", container=container.name)


def _check(pod: Pod, version: int) -> Iterator[Finding]:
    yield from each_container(pod, _container)


RULE = pod_rule(
    _check,
    id="kubernetes-no-host-probes",
    description="No probe and no lifecycle hook names a host.",
    remediation="Leave host out of every httpGet and tcpSocket: the node would send the request from its own network.",
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    frameworks=("Pod Security Standards: baseline/hostProbesAndHostLifecycle", "Well-Architected: Security"),
    since=34,
)
