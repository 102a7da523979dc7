"""A production database outlives its zone."""

from collections.abc import Iterator

from ..model import Config, Finding, Level, NotApplicable, Resource, Rule, Severity
from .shared import DB_INSTANCES, PRODUCTION, must_be_true

_on = must_be_true("multiAz")


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    if not config.get("production", False):
        raise NotApplicable
    yield from _on(resource, config)


RULE = Rule(
    id="aws-rds-multi-az",
    description="Every RDS instance of a production stack has a standby in another zone.",
    remediation='Set "multiAz" to true.',
    # It costs a second instance, and how long the service may be away is its owner's to say.
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=(
        "AWS Config: rds-multi-az-support",
        "AWS Security Hub: RDS.5",
        "CIS AWS Foundations 5.0.0: 2.2.4",
        "Well-Architected: Reliability (REL 10)",
    ),
    # A cluster's zones are those of its instances, which do not show on it.
    applies=DB_INSTANCES.__contains__,
    check=_check,
    config=PRODUCTION,
)
