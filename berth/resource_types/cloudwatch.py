"""CloudWatch: logs and alarms."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from berth.plan import Resource
from berth.resource_types.charges import Charge, Charges, Context, items, mapping, number
from berth.resource_types.prices import Selector, selector
from berth.resource_types.resource_type import Free, In, ResourceType, Way, both, forces

DAYS_A_MONTH: Final = Decimal(365) / 12
KEPT_FOREVER_DAYS: Final = Decimal(365)
"""Days of logs that are counted where they never expire: the first year's."""


def log_group(resource: Resource, context: Context) -> Charges:
    """Charge this group's share of all logs, and keeping them.

    What is kept is compressed by AWS, so the storage is an upper bound.
    """
    share = context.usage.log_gb / context.count(resource.type)
    days = number(resource.inputs.get("retentionInDays")) or KEPT_FOREVER_DAYS
    yield Charge("logs taken in", "logs.ingest", share)
    yield Charge(f"logs kept {days} days", "logs.storage", share * days / DAYS_A_MONTH)


def alarm(resource: Resource, context: Context) -> Charges:
    """Charge an alarm by its metrics, as an alarm on an expression is charged for each metric in it."""
    queries = [query for query in items(resource.inputs.get("metricQueries")) if mapping(query).get("metric")]
    count = max(len(queries), 1)
    yield Charge(f"{count} alarm metrics", "cloudwatch.alarm", count * context.usage.months)


TYPES: Final = (
    ResourceType(
        "aws:cloudwatch/logGroup:LogGroup",
        log_group,
        both("logs"),
        replaced_by=forces("logGroupClass name namePrefix"),
        awaited=Way("writes"),
        calls="logs: CreateLogGroup DeleteLogGroup DeleteRetentionPolicy PutRetentionPolicy TagResource UntagResource",
    ),
    ResourceType(
        "aws:cloudwatch/logStream:LogStream",
        Free("a part of its log group"),
        both("logs"),
        replaced_by=forces("logGroupName name"),
        awaited=Way("writes"),
        calls="logs: CreateLogStream DeleteLogStream",
    ),
    ResourceType(
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        alarm,
        In("alarms", None),
        replaced_by=forces("name"),
        ways={"metricQueries": None},  # whose they are says enough
        awaited=Way("rolls back by"),
        calls="cloudwatch: DeleteAlarms PutMetricAlarm TagResource UntagResource",
    ),
    ResourceType("aws:cloudwatch/logResourcePolicy:LogResourcePolicy", Free("a permission"), None),
)

PRICES: Final[Mapping[str, Selector]] = {
    "cloudwatch.alarm": selector("AmazonCloudWatch", "CW:AlarmMonitorUsage"),
    "logs.ingest": selector("AmazonCloudWatch", "DataProcessing-Bytes", operation="PutLogEvents"),
    "logs.storage": selector("AmazonCloudWatch", "TimedStorage-ByteHrs", operation="HourlyStorageMetering"),
}
