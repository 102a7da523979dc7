"""No container switches its seccomp profile off."""

from ..model import Level, Severity
from .podrule import pod_rule
from .seccomp_profiles import baseline

RULE = pod_rule(
    baseline,
    id="kubernetes-seccomp-baseline",
    description="No pod and no container switches its seccomp profile off.",
    remediation='Set securityContext.seccompProfile.type to "RuntimeDefault", or leave it out.',
    # For those who hold to the baseline standard: kubernetes-seccomp includes it.
    level=Level.OFF,
    severity=Severity.HIGH,
    frameworks=("Pod Security Standards: baseline/seccompProfile_baseline", "Well-Architected: Security"),
)
