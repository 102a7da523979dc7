"""Rules on what a container may do beyond its user."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..parts import Part, PartCheck, all_of, must_be, must_be_off
from ..rule import Finding, Level, Severity
from ..values import Field, texts
from .podrule import in_containers, in_contexts, pod_rule

PRIVILEGED = pod_rule(
    in_containers(must_be_off("securityContext", "privileged")),
    id="kubernetes-not-privileged",
    description="No container is privileged.",
    remediation="Leave securityContext.privileged out; a privileged container is root on its node.",
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    frameworks=("Pod Security Standards: baseline/privileged", "Well-Architected: Security"),
)

WINDOWS_HOST_PROCESS = pod_rule(
    in_contexts(must_be_off("windowsOptions", "hostProcess")),
    id="kubernetes-no-host-process",
    description="No Windows container runs as a process of its node.",
    remediation="Leave securityContext.windowsOptions.hostProcess out.",
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    frameworks=("Pod Security Standards: baseline/windowsHostProcess", "Well-Architected: Security"),
)

PRIVILEGE_ESCALATION = pod_rule(
    in_containers(
        must_be(lambda allowed: allowed.boolean() is not False, "false", "securityContext", "allowPrivilegeEscalation")
    ),
    id="kubernetes-no-privilege-escalation",
    description="Every container forbids privilege escalation.",
    remediation="Set securityContext.allowPrivilegeEscalation to false on every container; the default is true.",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=("Pod Security Standards: restricted/allowPrivilegeEscalation", "Well-Architected: Security"),
    since=8,
    windows_exempt_since=25,
)

_DEFAULT_SET: Final = frozenset(
    {"AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP"}
    | {"SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"}
)


def _adds_only(allowed: frozenset[str], write: str) -> PartCheck:
    def check(container: Part) -> Iterator[Finding]:
        for field, name in texts(container.at("securityContext", "capabilities", "add")):
            if name not in allowed:
                yield container.wrong(field, write)

    return check


def _keeps_some(drop: Field) -> bool:
    # Exactly this word: a list of every name, or "all", is not what the standard asks for.
    return "ALL" not in [name for _, name in texts(drop)]


_baseline = in_containers(_adds_only(_DEFAULT_SET, "no capability beyond the runtime's default set"))
_restricted = in_containers(
    all_of(
        must_be(_keeps_some, '["ALL"]', "securityContext", "capabilities", "drop"),
        _adds_only(frozenset({"NET_BIND_SERVICE"}), "nothing, or NET_BIND_SERVICE alone"),
    )
)

CAPABILITIES = pod_rule(
    # Before v1.22 the standard had only the baseline.
    lambda pod, version: (_restricted if version >= 22 else _baseline)(pod, version),
    id="kubernetes-capabilities",
    description="Every container drops all Linux capabilities and adds none but NET_BIND_SERVICE.",
    remediation='Set securityContext.capabilities.drop to ["ALL"] on every container and leave "add" out.',
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=("Pod Security Standards: restricted/capabilities_restricted", "Well-Architected: Security"),
    windows_exempt_since=25,
)

CAPABILITIES_BASELINE = pod_rule(
    _baseline,
    id="kubernetes-capabilities-baseline",
    description="No container adds a Linux capability beyond the runtime's default set.",
    remediation="Leave securityContext.capabilities.add out.",
    # For those who hold to the baseline standard: kubernetes-capabilities includes it.
    level=Level.OFF,
    severity=Severity.HIGH,
    frameworks=("Pod Security Standards: baseline/capabilities_baseline", "Well-Architected: Security"),
)


_masked = in_containers(
    must_be(
        lambda mount: mount.text() not in (None, "Default"),
        '"Default", or leave it out',
        "securityContext",
        "procMount",
    )
)


PROC_MOUNT = pod_rule(
    _masked,
    id="kubernetes-proc-mount",
    description="Every container sees the masked /proc that the runtime mounts by default.",
    remediation="Leave securityContext.procMount out.",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=("Pod Security Standards: restricted/procMount_restricted", "Well-Architected: Security"),
)

PROC_MOUNT_BASELINE = pod_rule(
    _masked,
    id="kubernetes-proc-mount-baseline",
    description="Every container sees a masked /proc, unless its pod has a user namespace of its own.",
    remediation="Leave securityContext.procMount out, or set hostUsers to false.",
    # For those who hold to the baseline standard: kubernetes-proc-mount includes it.
    level=Level.OFF,
    severity=Severity.HIGH,
    frameworks=("Pod Security Standards: baseline/procMount", "Well-Architected: Security"),
    user_namespace_exempt_since=35,
)
