"""Reads AWS's bulk price list.

A file is a service's prices in one region as CSV: five rows about the file, a row of column names, then a row a
price. EC2's has some hundred MB, so rows are read one by one and none is kept.
See https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/reading-service-price-list-file-for-services.html
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Final

from berth.resource_types import PRICES
from berth.resource_types.prices import Selector, selector

BASE: Final = "https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws"
ROWS_ABOUT_THE_FILE: Final = 5
_POSTGRESQL: Final = "PostgreSQL"


class OfferError(Exception):
    """A file is not a price list."""


def selector_of(key: str) -> Selector | None:
    """Return where a price stands in the bulk list, or None if it does not stand there."""
    if key in PRICES:
        return PRICES[key]
    if key.startswith("ec2."):
        return selector("AmazonEC2", f"BoxUsage:{key.removeprefix('ec2.')}", operation="RunInstances")
    if found := re.fullmatch(r"rds\.(db\..+)\.(single|multi)", key):
        usage = "InstanceUsage" if found[2] == "single" else "Multi-AZUsage"
        return selector("AmazonRDS", f"{usage}:{found[1]}", engine=_POSTGRESQL)
    return None


def url_of(service: str, region: str) -> str:
    """Return the URL of a service's current prices in a region."""
    return f"{BASE}/{service}/current/{region}/index.csv"


def read_offer(lines: Iterable[str], selectors: Mapping[str, Selector]) -> dict[str, set[Decimal]]:
    """Return the distinct prices that each selector finds, in units of our price list.

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
    endings = tuple(wanted.usage_type for wanted in selectors.values())
    found: dict[str, set[Decimal]] = {}
    for values in rows:
        if len(values) <= usage_column or not values[usage_column].endswith(endings):
            continue
        row = dict(zip(names, values, strict=False))
        for key, wanted in selectors.items():
            if wanted.matches(row):
                try:
                    amount = Decimal(row["PricePerUnit"]) * wanted.factor
                except InvalidOperation as error:
                    raise OfferError(f"{row['PricePerUnit']!r} is not a price") from error
                # A price of nothing is a free tier or a promotion, not the price.
                if amount:
                    found.setdefault(key, set()).add(amount)
    return found
