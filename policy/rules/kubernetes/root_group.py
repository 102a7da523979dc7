"""No pod and no container asks for group 0, which owns what root left open to its group."""

from collections.abc import Iterator

from ..evaluate import each
from ..model import Finding, Level, Severity
from ..values import Field
from .podrule import each_context, pod_rule
from .pods import Pod


def _group(container: str, group: Field) -> Iterator[Finding]:
    if group.number() == 0:
        yield Finding.at(group, "a gid other than 0, such as 10001", container=container)


def _of_volumes(pod: Pod) -> Iterator[Finding]:
    yield from _group("", pod.security("fsGroup"))


def _more(pod: Pod) -> Iterator[Finding]:
    yield from each(pod.security("supplementalGroups").items(), lambda group: _group("", group))


def _check(pod: Pod, version: int) -> Iterator[Finding]:
    yield from each_context(pod, _group, "runAsGroup")
    yield from each([pod], _of_volumes)
    yield from each([pod], _more)


RULE = pod_rule(
    _check,
    id="kubernetes-no-root-group",
    description="No pod and no container sets runAsGroup, fsGroup or one of supplementalGroups to 0.",
    remediation="Set the group to a gid other than 0, or leave it out.",
    # Images made for OpenShift run as a user of group 0 on purpose.
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=("Well-Architected: Security",),
    user_namespace_exempt_since=35,
)
