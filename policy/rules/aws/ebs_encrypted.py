"""A volume is encrypted where it lies."""

from ..model import Level, Rule, Severity
from .shared import must_be_true

RULE = Rule(
    id="aws-ebs-encrypted",
    description="Every EBS volume encrypts what it holds.",
    remediation='Set "encrypted" to true; changed later, it replaces the volume.',
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=(
        "AWS Config: encrypted-volumes",
        "AWS Security Hub: EC2.3",
        "Well-Architected: Security (SEC 8)",
    ),
    applies=frozenset({"aws:ebs/volume:Volume"}).__contains__,
    check=must_be_true("encrypted"),
)
