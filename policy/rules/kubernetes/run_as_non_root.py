"""Every container of a pod must run as non-root."""

from collections.abc import Iterator
from typing import Final

from ..evaluate import each
from ..model import Finding, Level, Severity
from .podrule import each_container, pod_rule
from .pods import Container, Pod

_WRITE: Final = "true"


def _check(pod: Pod, version: int) -> Iterator[Finding]:
    pod_level = pod.security("runAsNonRoot")

    def of_pod(pod: Pod) -> Iterator[Finding]:
        if pod_level.boolean() is False:
            # Fails even where every container says true: the next container that is added would not.
            yield Finding.at(pod_level, _WRITE)

    def of_container(container: Container) -> Iterator[Finding]:
        own = container.security("runAsNonRoot")
        value = own.boolean()
        if value is False or (value is None and pod_level.boolean() is None):
            yield Finding.at(own, f"{_WRITE}, here or at {pod_level.path}", container=container.name)

    yield from each([pod], of_pod)
    yield from each_container(pod, of_container)


RULE = pod_rule(
    _check,
    id="kubernetes-run-as-non-root",
    description="Every container of a pod is required to run as a user that is not root.",
    remediation="Set securityContext.runAsNonRoot to true on the pod, and to false nowhere.",
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    frameworks=("Pod Security Standards: restricted/runAsNonRoot", "CIS Docker: 4.1", "Well-Architected: Security"),
    user_namespace_exempt_since=35,
)
