"""Every container drops all Linux capabilities."""

from ..model import Level, Severity
from .capability_sets import restricted
from .podrule import pod_rule

RULE = pod_rule(
    restricted,
    id="kubernetes-capabilities",
    description="Every container drops all Linux capabilities and adds none but NET_BIND_SERVICE.",
    remediation='Set securityContext.capabilities.drop to ["ALL"] on every container and leave "add" out.',
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=("Pod Security Standards: restricted/capabilities_restricted", "Well-Architected: Security"),
    windows_exempt_since=25,
)
