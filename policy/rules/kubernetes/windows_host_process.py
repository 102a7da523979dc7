"""No Windows container runs as a process of its node."""

from collections.abc import Iterator

from ..model import Finding, Level, Severity
from ..values import Field
from .podrule import each_context, pod_rule
from .pods import Pod


def _host_process(container: str, field: Field) -> Iterator[Finding]:
    if field.boolean():
        yield Finding.at(field, "false, or leave it out", container=container)


def _check(pod: Pod, version: int) -> Iterator[Finding]:
    yield from each_context(pod, _host_process, "windowsOptions", "hostProcess")


RULE = pod_rule(
    _check,
    id="kubernetes-no-host-process",
    description="No Windows container runs as a process of its node.",
    remediation="Leave securityContext.windowsOptions.hostProcess out.",
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    frameworks=("Pod Security Standards: baseline/windowsHostProcess", "Well-Architected: Security"),
)
