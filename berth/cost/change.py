"""What a change of program does to the price."""

from __future__ import annotations

from pathlib import Path

from berth.cost.estimator import estimate
from berth.cost.pricelist import PriceError, load_prices, region_of
from berth.cost.text import money
from berth.errors import ConfigError
from berth.plan import Plan


def price_change(base: Plan, head: Plan, root: Path) -> str:
    """Return what a change of program does to the month's price, in a few words."""
    try:
        before, after = (estimate(plan, load_prices(region_of(plan, root))).total for plan in (base, head))
    except (ConfigError, PriceError) as error:
        return f"not known: {error}"
    step = after - before
    sign = "+" if step >= 0 else "-"
    return f"{money(before)} → {money(after)} USD a month ({sign}{money(abs(step))})"
