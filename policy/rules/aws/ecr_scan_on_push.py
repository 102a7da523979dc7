"""An image is scanned for known vulnerabilities when it is pushed."""

from ..model import Level, Rule, Severity
from .shared import must_be_true

RULE = Rule(
    id="aws-ecr-scan-on-push",
    description="Every ECR repository scans images on push.",
    remediation='Set "imageScanningConfiguration" with scanOnPush true.',
    # A scan tells; and a registry whose own scanning covers all repositories does not need it.
    level=Level.ADVISORY,
    severity=Severity.HIGH,
    frameworks=(
        "AWS Config: ecr-private-image-scanning-enabled",
        "AWS Security Hub: ECR.1",
        "Well-Architected: Security (SEC 6)",
    ),
    applies="aws:ecr/repository:Repository".__eq__,
    check=must_be_true("imageScanningConfiguration", "scanOnPush"),
)
