"""Logs are kept for a time that somebody chose."""

from collections.abc import Iterator

from ..model import Config, Finding, Level, NotApplicable, Resource, Rule, Severity


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    days = resource.inputs.at("retentionInDays")
    least = config.get("minimumDays", 1)
    # Nothing and 0 both mean for ever, which is long enough for any minimum and chosen by nobody.
    if (days.number() or 0) >= least:
        return
    if resource.inputs.at("logGroupClass").text() == "DELIVERY":
        raise NotApplicable  # AWS keeps these for a fixed time
    yield Finding.at(days, f"{least:g} or more")


RULE = Rule(
    id="aws-log-retention",
    description="Every log group lets its logs expire, after a time that is set.",
    remediation='Set "retentionInDays".',
    # Logs that never expire cost money, and keep personal data longer than anybody may.
    level=Level.ADVISORY,
    severity=Severity.LOW,
    # Security Hub's control asks for a year, which minimumDays 365 does.
    frameworks=(
        "AWS Config: cw-loggroup-retention-period-check",
        "AWS Security Hub: CloudWatch.16",
        "Well-Architected: Cost Optimization (COST 4)",
    ),
    applies="aws:cloudwatch/logGroup:LogGroup".__eq__,
    check=_check,
    config={
        "minimumDays": {
            "type": "integer",
            "minimum": 1,
            "description": "Days that logs are kept at least.",
            "default": 1,
        }
    },
)
