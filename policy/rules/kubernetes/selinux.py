"""No pod sets an SELinux user, role or foreign type."""

from collections.abc import Iterator
from typing import Final

from ..model import Finding, Level, Severity
from ..values import Field
from .podrule import each_context, pod_rule
from .pods import Pod

_TYPES: Final = ("", "container_t", "container_init_t", "container_kvm_t")
_TYPES_SINCE_31: Final = (*_TYPES, "container_engine_t")


def _check(pod: Pod, version: int) -> Iterator[Finding]:
    types = _TYPES_SINCE_31 if version >= 31 else _TYPES

    def options(container: str, options: Field) -> Iterator[Finding]:
        kind, user, role = options.at("type"), options.at("user"), options.at("role")
        if (kind.text() or "") not in types:
            yield Finding.at(kind, '"container_t", or leave it out', container=container)
        for field in (user, role):
            if field.text():
                yield Finding.at(field, "nothing", container=container)

    yield from each_context(pod, options, "seLinuxOptions")


RULE = pod_rule(
    _check,
    id="kubernetes-selinux",
    description="No pod and no container sets an SELinux user or role, or a type that is not a container's.",
    remediation="Leave securityContext.seLinuxOptions out.",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=("Pod Security Standards: baseline/seLinuxOptions", "Well-Architected: Security"),
)
