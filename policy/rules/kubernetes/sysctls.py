"""A pod sets only kernel parameters that stay within the pod."""

from collections.abc import Iterator
from typing import Final

from ..evaluate import each
from ..model import Finding, Level, Severity
from ..values import Field
from .podrule import pod_rule
from .pods import Pod

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


def _check(pod: Pod, version: int) -> Iterator[Finding]:
    def sysctl(field: Field) -> Iterator[Finding]:
        name = field.at("name")
        if _SAFE.get(name.text() or "", version + 1) > version:
            yield Finding.at(name, "only parameters that the standard calls safe")

    yield from each(pod.security("sysctls").items(), sysctl)


RULE = pod_rule(
    _check,
    id="kubernetes-sysctls",
    description="A pod sets only kernel parameters that are isolated from its node and other pods.",
    remediation="Remove the parameter from securityContext.sysctls.",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=("Pod Security Standards: baseline/sysctls", "Well-Architected: Security"),
)
