"""Where a price stands in AWS's bulk price list."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

# EU is Ireland; every other region's mark is three letters and a number. Anything else in front of a usage type,
# as in TS-LoadBalancerUsage, is another product. Some services write the region itself.
_REGION_MARK: Final = r"(?:(?:EU|[A-Z]{3}\d+|[a-z]+-[a-z]+-\d)-)?"


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


def selector(
    service: str | tuple[str, ...],
    usage_type: str,
    *,
    operation: str = "",
    engine: str = "",
    factor: Decimal = Decimal(1),
) -> Selector:
    """Return what finds a price by its usage type, and by operation and database engine where they are given."""
    services = (service,) if isinstance(service, str) else service
    columns = (("operation", operation), ("Database Engine", engine))
    return Selector(services, usage_type, tuple(pair for pair in columns if pair[1]), factor)
