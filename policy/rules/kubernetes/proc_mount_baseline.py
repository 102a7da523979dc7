"""Every container sees a masked /proc, unless its pod has a user namespace of its own."""

from ..model import Level, Severity
from .podrule import pod_rule
from .proc_masks import masked

RULE = pod_rule(
    masked,
    id="kubernetes-proc-mount-baseline",
    description="Every container sees a masked /proc, unless its pod has a user namespace of its own.",
    remediation="Leave securityContext.procMount out, or set hostUsers to false.",
    # For those who hold to the baseline standard: kubernetes-proc-mount includes it.
    level=Level.OFF,
    severity=Severity.HIGH,
    frameworks=("Pod Security Standards: baseline/procMount", "Well-Architected: Security"),
    user_namespace_exempt_since=35,
)
