"""Every container sees a masked /proc."""

from ..model import Level, Severity
from .podrule import pod_rule
from .proc_masks import masked

RULE = pod_rule(
    masked,
    id="kubernetes-proc-mount",
    description="Every container sees the masked /proc that the runtime mounts by default.",
    remediation="Leave securityContext.procMount out.",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=("Pod Security Standards: restricted/procMount_restricted", "Well-Architected: Security"),
)
