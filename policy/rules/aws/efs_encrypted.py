"""A file system is encrypted where it lies."""

from ..model import Level, Rule, Severity
from .shared import must_be_true

RULE = Rule(
    id="aws-efs-encrypted",
    description="Every EFS file system encrypts what it holds.",
    remediation='Set "encrypted" to true; changed later, it replaces the file system.',
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=(
        "AWS Config: efs-encrypted-check",
        "AWS Security Hub: EFS.1",
        "CIS AWS Foundations 5.0.0: 2.3.1",
        "Well-Architected: Security (SEC 8)",
    ),
    applies=frozenset({"aws:efs/fileSystem:FileSystem"}).__contains__,
    check=must_be_true("encrypted"),
)
