"""A production database is not deleted by a slip."""

from collections.abc import Iterator

from ..model import Config, Finding, Level, NotApplicable, Resource, Rule, Severity
from .shared import DB_CLUSTERS, DB_INSTANCES, PRODUCTION, must_be_true

_on = must_be_true("deletionProtection")


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    if not config.get("production", False):
        raise NotApplicable
    yield from _on(resource, config)


RULE = Rule(
    id="aws-rds-deletion-protection",
    description="Every RDS instance and cluster of a production stack is protected from deletion.",
    remediation='Set "deletionProtection" to true.',
    # It costs nothing, and without it one wrong `destroy` or replacement is the end of the data.
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=(
        "AWS Config: rds-instance-deletion-protection-enabled",
        "AWS Config: rds-cluster-deletion-protection-enabled",
        "AWS Security Hub: RDS.7",
        "AWS Security Hub: RDS.8",
        "Well-Architected: Reliability (REL 9)",
    ),
    applies=(DB_INSTANCES | DB_CLUSTERS).__contains__,
    check=_check,
    config=PRODUCTION,
)
