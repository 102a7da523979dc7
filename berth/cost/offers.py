"""Where a price stands in AWS's bulk price list, and how its files are read.

A file is a service's prices in one region as CSV: five rows about the file, a row of column names, then a row a
price. The one of EC2 has some hundred MB, so rows are looked at one by one and none is kept.
See https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/reading-service-price-list-file-for-services.html
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

BASE: Final = "https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws"
ROWS_ABOUT_THE_FILE: Final = 5
MILLION: Final = Decimal(1_000_000)

# EU is Ireland; every other region's mark is three letters and a number. Anything else in front of a usage type,
# as in TS-LoadBalancerUsage, is another product. Some services write the region itself.
_REGION_MARK: Final = r"(?:(?:EU|[A-Z]{3}\d+|[a-z]+-[a-z]+-\d)-)?"


class OfferError(Exception):
    """A file is not a price list."""


@dataclass(frozen=True)
class Selector:
    """Finds one price among a service's rows."""

    services: tuple[str, ...]
    """Service codes; the first whose list has the price is taken."""
    usage_type: str
    """Usage type without the region's mark."""
    columns: tuple[tuple[str, str], ...] = ()
    """Further columns and what they must hold."""
    factor: Decimal = Decimal(1)
    """Units of AWS's price in one unit of ours."""

    def matches(self, row: Mapping[str, str]) -> bool:
        """Return whether a row is this price, on demand and in its first tier."""
        return (
            row.get("TermType") == "OnDemand"
            and row.get("Currency") == "USD"
            and row.get("StartingRange", "") in ("", "0")
            and re.fullmatch(_REGION_MARK + re.escape(self.usage_type), row.get("usageType", "")) is not None
            and all(row.get(name) == value for name, value in self.columns)
        )


def _one(service: str, usage_type: str, **columns: str) -> Selector:
    names = {"operation": "operation", "engine": "Database Engine"}
    return Selector((service,), usage_type, tuple((names[name], value) for name, value in columns.items()))


_ALB: Final = (("operation", "LoadBalancing:Application"),)
_ENGINE: Final = "PostgreSQL"

SELECTORS: Final[Mapping[str, Selector]] = {
    "fargate.vcpu.x86": _one("AmazonECS", "Fargate-vCPU-Hours:perCPU"),
    "fargate.memory.x86": _one("AmazonECS", "Fargate-GB-Hours"),
    "fargate.vcpu.arm": _one("AmazonECS", "Fargate-ARM-vCPU-Hours:perCPU"),
    "fargate.memory.arm": _one("AmazonECS", "Fargate-ARM-GB-Hours"),
    "fargate.storage": _one("AmazonECS", "Fargate-EphemeralStorage-GB-Hours"),
    "ebs.gp3": _one("AmazonEC2", "EBS:VolumeUsage.gp3"),
    "ec2.detailed-metric": _one("AmazonCloudWatch", "CW:MetricMonitorUsage"),
    "eks.cluster": _one("AmazonEKS", "AmazonEKS-Hours:perCluster"),
    "nat.hour": _one("AmazonEC2", "NatGateway-Hours", operation="NatGateway"),
    "nat.data": _one("AmazonEC2", "NatGateway-Bytes", operation="NatGateway"),
    "ipv4.hour": _one("AmazonVPC", "PublicIPv4:InUseAddress"),
    "endpoint.hour": _one("AmazonVPC", "VpcEndpoint-Hours", operation="VpcEndpoint"),
    "endpoint.data": _one("AmazonVPC", "VpcEndpoint-Bytes", operation="VpcEndpoint"),
    "alb.hour": Selector(("AWSELB", "AmazonEC2"), "LoadBalancerUsage", _ALB),
    "alb.lcu": Selector(("AWSELB", "AmazonEC2"), "LCUUsage", _ALB),
    "api.http": Selector(("AmazonApiGateway",), "ApiGatewayHttpRequest", factor=MILLION),
    "transfer.out": _one("AWSDataTransfer", "DataTransfer-Out-Bytes"),
    "waf.acl": _one("awswaf", "WebACLV2"),
    "waf.rule": _one("awswaf", "RuleV2"),
    "waf.requests": Selector(("awswaf",), "RequestV2-Tier1", factor=MILLION),
    "rds.gp3.single": _one("AmazonRDS", "RDS:GP3-Storage", engine=_ENGINE),
    "rds.gp3.multi": _one("AmazonRDS", "RDS:Multi-AZ-GP3-Storage", engine=_ENGINE),
    "rds.backup": _one("AmazonRDS", "RDS:ChargedBackupUsage", engine=_ENGINE),
    "ecr.storage": _one("AmazonECR", "TimedStorage-ByteHrs"),
    "logs.ingest": _one("AmazonCloudWatch", "DataProcessing-Bytes", operation="PutLogEvents"),
    "logs.storage": _one("AmazonCloudWatch", "TimedStorage-ByteHrs", operation="HourlyStorageMetering"),
    "kms.key": _one("awskms", "KMS-Keys"),
    "s3.standard": _one("AmazonS3", "TimedStorage-ByteHrs"),
}
"""Key of a price to where it stands; a usage type that AWS renames is reported as not found, never guessed."""


def selector_of(key: str) -> Selector | None:
    """Return where a price stands in the bulk list, or None if it does not stand there."""
    if key in SELECTORS:
        return SELECTORS[key]
    if key.startswith("ec2."):
        return _one("AmazonEC2", f"BoxUsage:{key.removeprefix('ec2.')}", operation="RunInstances")
    if found := re.fullmatch(r"rds\.(db\..+)\.(single|multi)", key):
        usage = "InstanceUsage" if found[2] == "single" else "Multi-AZUsage"
        return _one("AmazonRDS", f"{usage}:{found[1]}", engine=_ENGINE)
    return None


def url_of(service: str, region: str) -> str:
    """Return the URL of a service's current prices in a region."""
    return f"{BASE}/{service}/current/{region}/index.csv"


def read_offer(lines: Iterable[str], selectors: Mapping[str, Selector]) -> dict[str, set[Decimal]]:
    """Return the distinct prices that each selector finds, in units of our price list.

    Args:
        lines: The file, line by line.
        selectors: Key of a price to what finds it.

    Raises:
        OfferError: The file is not a price list.
    """
    rows = csv.reader(lines)
    for _ in range(ROWS_ABOUT_THE_FILE):
        next(rows, None)
    names = next(rows, [])
    if "usageType" not in names or "PricePerUnit" not in names:
        raise OfferError("its sixth row does not name the columns usageType and PricePerUnit")
    usage_column = names.index("usageType")
    # Hundreds of thousands of rows: a dictionary is made only of those that can match.
    endings = tuple(selector.usage_type for selector in selectors.values())
    found: dict[str, set[Decimal]] = {}
    for values in rows:
        if len(values) <= usage_column or not values[usage_column].endswith(endings):
            continue
        row = dict(zip(names, values, strict=False))
        for key, selector in selectors.items():
            if selector.matches(row):
                try:
                    amount = Decimal(row["PricePerUnit"]) * selector.factor
                except InvalidOperation as error:
                    raise OfferError(f"{row['PricePerUnit']!r} is not a price") from error
                # A price of nothing is a free tier or a promotion, not the price.
                if amount:
                    found.setdefault(key, set()).add(amount)
    return found
