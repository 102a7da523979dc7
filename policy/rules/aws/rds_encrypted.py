"""A database is encrypted where it lies."""

from ..model import Level, Rule, Severity
from .shared import DB_CLUSTERS, DB_INSTANCES, must_be_true

RULE = Rule(
    id="aws-rds-encrypted",
    description="Every RDS instance and cluster encrypts its storage.",
    remediation='Set "storageEncrypted" to true; changed later, it replaces the database.',
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=(
        "AWS Config: rds-storage-encrypted",
        "AWS Config: rds-cluster-encrypted-at-rest",
        "AWS Security Hub: RDS.3",
        "AWS Security Hub: RDS.27",
        "CIS AWS Foundations 5.0.0: 2.2.1",
        "Well-Architected: Security (SEC 8)",
    ),
    applies=(DB_INSTANCES | DB_CLUSTERS).__contains__,
    check=must_be_true("storageEncrypted"),
)
