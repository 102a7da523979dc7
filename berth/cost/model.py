"""A priced line of an estimate."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Line:
    """One price line of a resource."""

    resource: str
    """Name of the resource."""
    urn: str
    type: str
    component: str
    what: str
    quantity: Decimal
    unit: str
    unit_price: Decimal
    """US dollars a unit."""
    amount: Decimal
    """US dollars a month, not rounded."""
    sources: tuple[str, ...]
    """URLs of the pages the price is from."""
    confirmed: bool
    """Whether the price was read at its source."""
