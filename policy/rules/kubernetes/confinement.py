"""Rules on what confines a container."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from ..evaluate import each
from ..parts import Part, PartCheck, must_be, must_be_on
from ..rule import Finding, Level, Severity
from ..values import Field
from .podrule import each_container, in_containers, in_contexts, pod_rule
from .pods import CONTAINER_LISTS, Pod

_PROFILES: Final = '"RuntimeDefault" or "Localhost"'
_SECCOMP: Final = "seccomp.security.alpha.kubernetes.io/"
_SECCOMP_VALUE: Final = re.compile(r"runtime/default|docker/default|localhost/.*", re.DOTALL)
_APP_ARMOR: Final = "container.apparmor.security.beta.kubernetes.io/"


def _profile(key: str) -> PartCheck:
    """Make the check that a security context names no profile, or one that confines."""

    def check(context: Part) -> Iterator[Finding]:
        kind = context.at(key, "type")
        if context.at(key).exists() and kind.text() not in ("RuntimeDefault", "Localhost"):
            yield context.wrong(kind, _PROFILES)

    return check


def _seccomp_annotations(pod: Pod) -> Iterator[Finding]:
    names = {f"{_SECCOMP}pod"}
    names |= {f"container.{_SECCOMP}{one.name}" for kind in CONTAINER_LISTS for one in pod.containers(kind)}
    for name, field in pod.annotations():
        value = field.text() if name in names else None
        if value is not None and not _SECCOMP_VALUE.fullmatch(value):
            yield Finding.at(field, '"runtime/default", or leave it out')


def _baseline(pod: Pod, version: int) -> Iterable[Finding]:
    """No profile is switched off; before v1.19 annotations said so, and no field was looked at."""
    return _seccomp_annotations(pod) if version < 19 else in_contexts(_profile("seccompProfile"))(pod, version)


def _restricted(pod: Pod, version: int) -> Iterator[Finding]:
    """Moreover, every container has a profile, of its own or the pod's; since v1.19."""
    if version < 19:
        yield from _seccomp_annotations(pod)
        return
    pod_level = pod.security("seccompProfile")

    def of_container(container: Part) -> Iterator[Finding]:
        context = container.at("securityContext")
        if context.at("seccompProfile").exists():
            yield from _profile("seccompProfile")(Part(context, container.name))
        elif not pod_level.exists():
            place = context.at("seccompProfile", "type")
            yield container.wrong(place, f"{_PROFILES}, here or at {pod_level.path}.type")

    # A wrong profile of the pod is one finding, not one more for each container that inherits it.
    yield from each([pod], lambda pod: _profile("seccompProfile")(Part(pod.security())))
    yield from each_container(pod, of_container)


SECCOMP = pod_rule(
    _restricted,
    id="kubernetes-seccomp",
    description="Every container runs under the runtime's default seccomp profile or one of the node's.",
    remediation='Set securityContext.seccompProfile.type to "RuntimeDefault" on the pod.',
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=("Pod Security Standards: restricted/seccompProfile_restricted", "Well-Architected: Security"),
    windows_exempt_since=25,
)

SECCOMP_BASELINE = pod_rule(
    _baseline,
    id="kubernetes-seccomp-baseline",
    description="No pod and no container switches its seccomp profile off.",
    remediation='Set securityContext.seccompProfile.type to "RuntimeDefault", or leave it out.',
    # For those who hold to the baseline standard: kubernetes-seccomp includes it.
    level=Level.OFF,
    severity=Severity.HIGH,
    frameworks=("Pod Security Standards: baseline/seccompProfile_baseline", "Well-Architected: Security"),
)


def _app_armor(pod: Pod, version: int) -> Iterator[Finding]:
    yield from in_contexts(_profile("appArmorProfile"))(pod, version)
    for name, field in pod.annotations():
        value = (field.text() or "") if name.startswith(_APP_ARMOR) else ""
        if value not in ("", "runtime/default") and not value.startswith("localhost/"):
            yield Finding.at(field, '"runtime/default", or leave it out')


APP_ARMOR = pod_rule(
    _app_armor,
    id="kubernetes-app-armor",
    description="No pod and no container switches its AppArmor profile off.",
    remediation="Leave securityContext.appArmorProfile and the AppArmor annotations out.",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=("Pod Security Standards: baseline/appArmorProfile", "Well-Architected: Security"),
)

_TYPES: Final = ("", "container_t", "container_init_t", "container_kvm_t")


def _selinux(pod: Pod, version: int) -> Iterable[Finding]:
    types = (*_TYPES, "container_engine_t") if version >= 31 else _TYPES

    def options(context: Part) -> Iterator[Finding]:
        kind = context.at("seLinuxOptions", "type")
        if (kind.text() or "") not in types:
            yield context.wrong(kind, '"container_t", or leave it out')
        for key in ("user", "role"):
            yield from must_be(Field.text, "nothing", "seLinuxOptions", key)(context)

    return in_contexts(options)(pod, version)


SELINUX = pod_rule(
    _selinux,
    id="kubernetes-selinux",
    description="No pod and no container sets an SELinux user or role, or a type that is not a container's.",
    remediation="Leave securityContext.seLinuxOptions out.",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=("Pod Security Standards: baseline/seLinuxOptions", "Well-Architected: Security"),
)

_SAFE: Final = {
    "kernel.shm_rmid_forced": 0,
    "net.ipv4.ip_local_port_range": 0,
    "net.ipv4.tcp_syncookies": 0,
    "net.ipv4.ping_group_range": 0,
    "net.ipv4.ip_unprivileged_port_start": 0,
    "net.ipv4.ip_local_reserved_ports": 27,
    "net.ipv4.tcp_keepalive_time": 29,
    "net.ipv4.tcp_fin_timeout": 29,
    "net.ipv4.tcp_keepalive_intvl": 29,
    "net.ipv4.tcp_keepalive_probes": 29,
    "net.ipv4.tcp_rmem": 32,
    "net.ipv4.tcp_wmem": 32,
    "net.ipv4.tcp_slow_start_after_idle": 37,
    "net.ipv4.tcp_notsent_lowat": 37,
}
"""Each safe parameter with the minor version of the standard that first allowed it."""


def _sysctls(pod: Pod, version: int) -> Iterator[Finding]:
    def unsafe(name: Field) -> bool:
        return _SAFE.get(name.text() or "", version + 1) > version

    safe = must_be(unsafe, "only parameters that the standard calls safe", "name")
    yield from each(pod.security("sysctls").items(), lambda one: safe(Part(one)))


SYSCTLS = pod_rule(
    _sysctls,
    id="kubernetes-sysctls",
    description="A pod sets only kernel parameters that are isolated from its node and other pods.",
    remediation="Remove the parameter from securityContext.sysctls.",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=("Pod Security Standards: baseline/sysctls", "Well-Architected: Security"),
)

READ_ONLY_ROOT = pod_rule(
    in_containers(
        must_be_on(
            "securityContext", "readOnlyRootFilesystem", write="true, with an emptyDir for each path that is written"
        )
    ),
    id="kubernetes-read-only-root",
    description="Every container has a read-only root file system.",
    remediation="Set securityContext.readOnlyRootFilesystem to true and mount an emptyDir where the process writes.",
    # Hardening of a process that is already not root; no Pod Security Standard asks for it.
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=("Well-Architected: Security",),
    windows_exempt_since=0,
)
