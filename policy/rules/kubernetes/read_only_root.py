"""Every container has a read-only root file system."""

from collections.abc import Iterator

from ..model import Finding, Level, Severity
from .podrule import each_container, pod_rule
from .pods import Container, Pod


def _container(container: Container) -> Iterator[Finding]:
    read_only = container.security("readOnlyRootFilesystem")
    if not read_only.boolean():
        yield Finding.at(read_only, "true, with an emptyDir for each path that is written", container=container.name)


def _check(pod: Pod, version: int) -> Iterator[Finding]:
    yield from each_container(pod, _container)


RULE = pod_rule(
    _check,
    id="kubernetes-read-only-root",
    description="Every container has a read-only root file system.",
    remediation="Set securityContext.readOnlyRootFilesystem to true and mount an emptyDir where the process writes.",
    # Hardening of a process that is already not root; no Pod Security Standard asks for it.
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=("Well-Architected: Security",),
    windows_exempt_since=0,
)
