"""A database can be had back as it was."""

from collections.abc import Iterator
from typing import Final

from ..model import Config, Finding, Level, NotApplicable, Resource, Rule, Severity
from .shared import DB_CLUSTERS, DB_INSTANCES, given

_WEEK: Final = 7


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    days = resource.inputs.at("backupRetentionPeriod")
    least = config.get("minimumDays", _WEEK)
    # Left out, it is no backup for an instance and one day for a cluster.
    if (days.number() or 0) >= least:
        return
    if given(resource.inputs.at("replicateSourceDb")):
        raise NotApplicable  # a replica is had back from its source
    yield Finding.at(days, f"{least:g} or more")


RULE = Rule(
    id="aws-rds-backups",
    description="Every RDS database keeps automatic backups for a week at least.",
    remediation='Set "backupRetentionPeriod" to 7 or more.',
    # What it guards against is loss, not intrusion, and a scratch database may be lost.
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=(
        "AWS Config: db-instance-backup-enabled",
        "AWS Security Hub: RDS.11",
        "Well-Architected: Reliability (REL 9)",
    ),
    applies=(DB_INSTANCES | DB_CLUSTERS).__contains__,
    check=_check,
    config={
        "minimumDays": {
            "type": "integer",
            "minimum": 1,
            "description": "Days that automatic backups are kept at least.",
            "default": _WEEK,
        }
    },
)
