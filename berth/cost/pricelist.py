"""The price lists: one dated YAML file a region, every figure with the page it was taken from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

from berth.errors import BerthError, ConfigError
from berth.plan import Plan
from berth.yaml_file import read

DIRECTORY: Final = Path(__file__).parent / "prices"
"""Where the price lists are kept."""

CONFIRMATIONS: Final = ("page", "offer", "no")
"""Where a price was read: on the page at its source, in AWS's bulk price list, or nowhere."""


class PriceError(BerthError):
    """There is no usable price list for a region."""


@dataclass(frozen=True)
class Price:
    """One price of a region, in US dollars."""

    key: str
    """What is sold, e.g. ``nat.hour``."""
    unit: str
    """What the amount is for, e.g. ``gateway-hour``."""
    amount: Decimal
    confirmation: str
    """One of ``CONFIRMATIONS``."""
    source: str
    """URL of the page it was taken from, or can be looked up on if it is not confirmed."""

    @property
    def confirmed(self) -> bool:
        """Whether the figure was read at its source."""
        return self.confirmation != "no"


@dataclass(frozen=True)
class PriceList:
    """The prices of one region."""

    region: str
    date: str
    """Day the list was written, as ``YYYY-MM-DD``."""
    prices: Mapping[str, Price]

    def get(self, key: str) -> Price | None:
        """Return a price, or None if it is not known here."""
        return self.prices.get(key)


def regions(directory: Path = DIRECTORY) -> list[str]:
    """Return the regions that have a price list, sorted."""
    return sorted(file.stem for file in directory.glob("*.yaml"))


def load_prices(region: str, directory: Path = DIRECTORY) -> PriceList:
    """Read a region's price list.

    Raises:
        PriceError: There is none, or it cannot be used.
    """
    file = directory / f"{region}.yaml"
    if not file.is_file():
        known = ", ".join(regions(directory)) or "none"
        raise PriceError(
            f"There is no price list for {region}; there is one for: {known}.\n"
            f"Write one with `berth prices refresh --region {region}`."
        )
    try:
        document = read(file).value
        prices = {key: _price(key, entry) for key, entry in document["prices"].items()}
        date = str(document["date"])
    except (ConfigError, KeyError, TypeError, AttributeError, ValueError) as error:
        raise PriceError(f"The price list {file.name} cannot be used: {error}") from error
    if document.get("region") != region or document.get("currency") != "USD":
        raise PriceError(f"The price list {file.name} is not one of {region} in USD.")
    return PriceList(region=region, date=date, prices=prices)


def _price(key: str, entry: Mapping[str, Any]) -> Price:
    # A YAML number is a binary float, which has no exact 0.045: amounts must be text.
    if not isinstance(entry["amount"], str):
        raise ValueError(f"{key}: the amount must be quoted")
    try:
        amount = Decimal(entry["amount"])
    except InvalidOperation as error:
        raise ValueError(f"{key}: {entry['amount']!r} is not an amount") from error
    if not amount.is_finite() or amount < 0:
        raise ValueError(f"{key}: {entry['amount']!r} is not an amount")
    if entry["confirmed"] not in CONFIRMATIONS:
        raise ValueError(f"{key}: confirmed is one of {', '.join(CONFIRMATIONS)}")
    return Price(key, str(entry["unit"]), amount, entry["confirmed"], str(entry["source"]))


def region_of(plan: Plan) -> str:
    """Return the region of ``plan``'s stack, as it was when the Plan was recorded.

    Raises:
        ConfigError: The stack names no region.
    """
    region = plan.config.get("aws:region")
    if not region:
        raise ConfigError(f"aws:region is not set in Pulumi.{plan.stack}.yaml, and prices are a region's.")
    return region
