"""The price lists: every file is usable, sourced and dated; a bad one is refused with its reason."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from berth.cost.pricelist import PriceError, load_prices, regions

GOOD = """\
region: made-1
currency: USD
date: "2026-01-02"
prices:
  nat.hour: {unit: gateway-hour, amount: "0.045", confirmed: page, source: "https://example.com"}
"""


def test_regions() -> None:
    assert regions() == ["ca-central-1", "eu-central-1", "eu-west-1", "us-east-1"]


@pytest.mark.parametrize("region", regions())
def test_list(region: str) -> None:
    prices = load_prices(region)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", prices.date)
    assert all(price.source.startswith("https://") for price in prices.prices.values())
    # What another region has must be called the same, or a rule would not find it.
    assert prices.prices.keys() <= load_prices("us-east-1").prices.keys()
    assert all(price.unit == load_prices("us-east-1").prices[key].unit for key, price in prices.prices.items())


def test_region_without_list() -> None:
    with pytest.raises(PriceError, match=r"no price list for mars-1.*us-east-1"):
        load_prices("mars-1")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('"0.045"', "0.045", "quoted"),
        ('"0.045"', '"cheap"', "not an amount"),
        ('"0.045"', '"-1"', "not an amount"),
        ('"0.045"', '"NaN"', "not an amount"),
        ("confirmed: page", "confirmed: maybe", "confirmed is one of"),
        ("USD", "EUR", "not one of made-1 in USD"),
        ("prices:", "other:", "cannot be used"),
    ],
)
def test_bad_list(tmp_path: Path, old: str, new: str, reason: str) -> None:
    (tmp_path / "made-1.yaml").write_text(GOOD.replace(old, new))
    with pytest.raises(PriceError, match=reason):
        load_prices("made-1", tmp_path)


def test_good_list(tmp_path: Path) -> None:
    (tmp_path / "made-1.yaml").write_text(GOOD)
    assert str(load_prices("made-1", tmp_path).prices["nat.hour"].amount) == "0.045"
