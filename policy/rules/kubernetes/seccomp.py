"""Every container runs under a seccomp profile."""

from ..model import Level, Severity
from .podrule import pod_rule
from .seccomp_profiles import restricted

RULE = pod_rule(
    restricted,
    id="kubernetes-seccomp",
    description="Every container runs under the runtime's default seccomp profile or one of the node's.",
    remediation='Set securityContext.seccompProfile.type to "RuntimeDefault" on the pod.',
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=("Pod Security Standards: restricted/seccompProfile_restricted", "Well-Architected: Security"),
    windows_exempt_since=25,
)
