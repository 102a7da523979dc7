"""No pod and no container asks for uid 0."""

from collections.abc import Iterator

from ..model import Finding, Level, Severity
from ..values import Field
from .podrule import each_context, pod_rule
from .pods import Pod


def _user(container: str, user: Field) -> Iterator[Finding]:
    if user.number() == 0:
        yield Finding.at(user, "a uid other than 0, such as 10001", container=container)


def _check(pod: Pod, version: int) -> Iterator[Finding]:
    yield from each_context(pod, _user, "runAsUser")


RULE = pod_rule(
    _check,
    id="kubernetes-run-as-user",
    description="No pod and no container sets runAsUser to 0.",
    remediation="Set securityContext.runAsUser to a uid other than 0, or leave it out.",
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    frameworks=("Pod Security Standards: restricted/runAsUser", "Well-Architected: Security"),
    since=23,
    user_namespace_exempt_since=35,
)
