"""Rules on who a container runs as."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..evaluate import each
from ..parts import Part, must_be
from ..rule import Finding, Level, Severity
from ..values import Field
from .podrule import each_container, in_contexts, pod_rule
from .pods import Pod


def _non_root(pod: Pod, version: int) -> Iterator[Finding]:
    pod_level = pod.security("runAsNonRoot")

    def of_pod(pod: Pod) -> Iterator[Finding]:
        if pod_level.boolean() is False:
            # Fails even where every container says true: the next container that is added would not.
            yield Finding.at(pod_level, "true")

    def of_container(container: Part) -> Iterator[Finding]:
        own = container.at("securityContext", "runAsNonRoot")
        value = own.boolean()
        if value is False or (value is None and pod_level.boolean() is None):
            yield container.wrong(own, f"true, here or at {pod_level.path}")

    yield from each([pod], of_pod)
    yield from each_container(pod, of_container)


RUN_AS_NON_ROOT = pod_rule(
    _non_root,
    id="kubernetes-run-as-non-root",
    description="Every container of a pod is required to run as a user that is not root.",
    remediation="Set securityContext.runAsNonRoot to true on the pod, and to false nowhere.",
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    frameworks=("Pod Security Standards: restricted/runAsNonRoot", "CIS Docker: 4.1", "Well-Architected: Security"),
    user_namespace_exempt_since=35,
)

RUN_AS_USER = pod_rule(
    in_contexts(must_be(lambda user: user.number() == 0, "a uid other than 0, such as 10001", "runAsUser")),
    id="kubernetes-run-as-user",
    description="No pod and no container sets runAsUser to 0.",
    remediation="Set securityContext.runAsUser to a uid other than 0, or leave it out.",
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    frameworks=("Pod Security Standards: restricted/runAsUser", "Well-Architected: Security"),
    since=23,
    user_namespace_exempt_since=35,
)

_GID: Final = "a gid other than 0, such as 10001"


def _is_0(gid: Field) -> bool:
    return gid.number() == 0


def _volume_groups(pod: Pod) -> Iterator[Finding]:
    yield from each([pod], lambda pod: must_be(_is_0, _GID, "fsGroup")(Part(pod.security())))
    yield from each(pod.security("supplementalGroups").items(), lambda group: must_be(_is_0, _GID)(Part(group)))


def _groups(pod: Pod, version: int) -> Iterator[Finding]:
    yield from in_contexts(must_be(_is_0, _GID, "runAsGroup"))(pod, version)
    yield from each([pod], _volume_groups)


ROOT_GROUP = pod_rule(
    _groups,
    id="kubernetes-no-root-group",
    description="No pod and no container sets runAsGroup, fsGroup or one of supplementalGroups to 0.",
    remediation="Set the group to a gid other than 0, or leave it out.",
    # Images made for OpenShift run as a user of group 0 on purpose.
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=("Well-Architected: Security",),
    user_namespace_exempt_since=35,
)
