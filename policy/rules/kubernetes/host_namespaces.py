"""No pod shares a namespace with its node."""

from collections.abc import Iterator
from typing import Final

from ..evaluate import each
from ..model import Finding, Level, Severity
from ..values import Field
from .podrule import pod_rule
from .pods import Pod

_KEYS: Final = ("hostNetwork", "hostPID", "hostIPC")


def _field(field: Field) -> Iterator[Finding]:
    if field.boolean():
        yield Finding.at(field, "false, or leave it out")


def _check(pod: Pod, version: int) -> Iterator[Finding]:
    yield from each([pod.spec(key) for key in _KEYS], _field)


RULE = pod_rule(
    _check,
    id="kubernetes-no-host-namespaces",
    description="No pod uses its node's network, process or IPC namespace.",
    remediation="Leave hostNetwork, hostPID and hostIPC out.",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=("Pod Security Standards: baseline/hostNamespaces", "Well-Architected: Security"),
)
