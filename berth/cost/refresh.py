"""Updates a region's price list from AWS's public bulk price list; only this part of berth uses the network."""

from __future__ import annotations

import datetime
import io
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final, TextIO

from berth.cost.amounts import exact
from berth.cost.offers import OfferError, read_offer, selector_of, url_of
from berth.cost.pricelist import DIRECTORY, Price, PriceError, PriceList, load_prices, regions
from berth.resource_types.prices import Selector

MODEL_REGION: Final = "us-east-1"
"""Region whose list names everything that has a price."""
TIMEOUT_SECONDS: Final = 60

HEADER: Final = """\
# US dollars, on demand, without tax, free tier, credits or commitments; the first tier where there are several.
# confirmed: page - the page at `source` states the figure; offer - AWS's bulk price list does;
# no - written from memory: `source` is where it can be looked up. What is not here has no known price.
"""

Opener = Callable[[str], AbstractContextManager[TextIO]]
"""Opens a URL as text; raises OSError, and FileNotFoundError if there is nothing."""


@dataclass(frozen=True)
class Refreshed:
    """The changes to a region's price list."""

    region: str
    file: Path
    changed: Mapping[str, tuple[Decimal | None, Decimal]]
    """Key to the price before, None if there was none, and the price now."""
    confirmed: tuple[str, ...]
    """Keys whose price is what it was."""
    kept: Mapping[str, str]
    """Keys that were not found as expected, and why; they stay as they were."""


def refresh(
    region: str, *, directory: Path = DIRECTORY, opener: Opener | None = None, today: datetime.date | None = None
) -> Refreshed:
    """Read AWS's prices of ``region`` and rewrite its price list, or write its first one.

    Raises:
        PriceError: AWS's list cannot be read; nothing is written then.
    """
    model = load_prices(MODEL_REGION, directory)
    before = load_prices(region, directory) if region in regions(directory) else PriceList(region, "", {})
    wanted = list(dict.fromkeys((*model.prices, *before.prices)))
    selectors = {key: selector for key in wanted if (selector := selector_of(key)) is not None}
    found = _read(region, selectors, opener or _open)
    prices: dict[str, Price] = {}
    changed: dict[str, tuple[Decimal | None, Decimal]] = {}
    confirmed: list[str] = []
    kept: dict[str, str] = {}
    for key in wanted:
        old = before.get(key)
        amounts, url = found.get(key, (set(), ""))
        if len(amounts) == 1:
            (amount,) = amounts
            unit = (old or model.prices[key]).unit
            prices[key] = Price(key, unit, amount, "offer", url)
            if old is not None and old.amount == amount:
                confirmed.append(key)
            else:
                changed[key] = (old.amount if old else None, amount)
        else:
            kept[key] = _reason(key, selectors, amounts)
            if old is not None:
                prices[key] = old
    if not changed and not confirmed:
        raise PriceError(f"AWS's price list has none of the prices wanted for {region}: is that a region?")
    file = directory / f"{region}.yaml"
    _replace(file, dumps(region, (today or datetime.date.today()).isoformat(), prices))
    return Refreshed(region, file, changed, tuple(confirmed), kept)


def dumps(region: str, date: str, prices: Mapping[str, Price]) -> str:
    """Return a price list as the text of its file."""
    lines = [f"region: {region}", "currency: USD", f'date: "{date}"', "prices:"]
    for key, price in prices.items():
        lines += [
            f"  {key}:",
            f"    unit: {json.dumps(price.unit)}",
            f'    amount: "{exact(price.amount)}"',
            f'    confirmed: "{price.confirmation}"',
            f"    source: {price.source}",
        ]
    return HEADER + "\n".join(lines) + "\n"


def summary(result: Refreshed) -> str:
    """Return the changes as text."""
    lines = [f"{result.region}: {len(result.changed)} prices changed, {len(result.confirmed)} confirmed as they were."]
    for key, (old, new) in sorted(result.changed.items()):
        lines.append(f"  {key}: {'new' if old is None else exact(old)} -> {exact(new)}")
    if result.kept:
        lines.append("Left as they were:")
        lines += [f"  {key}: {reason}" for key, reason in sorted(result.kept.items())]
    return "\n".join(lines)


def _read(region: str, selectors: Mapping[str, Selector], opener: Opener) -> dict[str, tuple[set[Decimal], str]]:
    """Return the prices found and the URL they are from; of two services the first that has one counts."""
    found: dict[str, tuple[set[Decimal], str]] = {}
    ranks = range(max((len(selector.services) for selector in selectors.values()), default=0))
    for rank in ranks:
        services: dict[str, dict[str, Selector]] = {}
        for key, selector in selectors.items():
            if rank < len(selector.services) and key not in found:
                services.setdefault(selector.services[rank], {})[key] = selector
        for service, chosen in sorted(services.items()):
            url = url_of(service, region)
            try:
                with opener(url) as file:
                    amounts = read_offer(file, chosen)
            except FileNotFoundError:
                continue
            except OfferError as error:
                raise PriceError(f"{url} is not AWS's price list: {error}.\nNothing was changed.") from error
            except (OSError, UnicodeDecodeError) as error:
                raise PriceError(
                    f"AWS's price list cannot be read: {error}\n{url}\n"
                    "Nothing was changed; the prices in the repository can be used without a network."
                ) from error
            found.update({key: (values, url) for key, values in amounts.items()})
    return found


def _reason(key: str, selectors: Mapping[str, Selector], amounts: set[Decimal]) -> str:
    if key not in selectors:
        return "not in AWS's bulk price list"
    if amounts:
        return f"ambiguous: {', '.join(exact(amount) for amount in sorted(amounts))}"
    return f"usage type {selectors[key].usage_type} not found"


def _open(url: str) -> AbstractContextManager[TextIO]:
    try:
        answer = urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS)
    except urllib.error.HTTPError as error:
        # The list of a service that a region does not have is refused, not missing.
        if error.code in (403, 404):
            raise FileNotFoundError(url) from error
        raise
    return io.TextIOWrapper(answer, encoding="utf-8", newline="")


def _replace(file: Path, text: str) -> None:
    """Write a file so that a reader sees all of it or the old one."""
    temporary = file.with_suffix(".yaml.new")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(file)
