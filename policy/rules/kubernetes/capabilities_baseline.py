"""No container adds a Linux capability beyond the runtime's default set."""

from ..model import Level, Severity
from .capability_sets import baseline
from .podrule import pod_rule

RULE = pod_rule(
    baseline,
    id="kubernetes-capabilities-baseline",
    description="No container adds a Linux capability beyond the runtime's default set.",
    remediation="Leave securityContext.capabilities.add out.",
    # For those who hold to the baseline standard: kubernetes-capabilities includes it.
    level=Level.OFF,
    severity=Severity.HIGH,
    frameworks=("Pod Security Standards: baseline/capabilities_baseline", "Well-Architected: Security"),
)
