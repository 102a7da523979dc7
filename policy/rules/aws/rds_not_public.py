"""A database has no address on the internet."""

from collections.abc import Iterator

from ..model import Config, Finding, Level, Resource, Rule, Severity
from .shared import DB_INSTANCES


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    public = resource.inputs.at("publiclyAccessible")
    if public.boolean():
        yield Finding.at(public, "false")


RULE = Rule(
    id="aws-rds-not-public",
    description="No RDS instance has a public address.",
    remediation='Set "publiclyAccessible" to false, or leave it out, and reach the database from inside the VPC.',
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    frameworks=(
        "AWS Config: rds-instance-public-access-check",
        "AWS Security Hub: RDS.2",
        "CIS AWS Foundations 5.0.0: 2.2.3",
        "Well-Architected: Security (SEC 5)",
    ),
    applies=(DB_INSTANCES | {"aws:rds/clusterInstance:ClusterInstance"}).__contains__,
    check=_check,
)
