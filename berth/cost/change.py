"""What a change of program does to the price."""

from __future__ import annotations

from decimal import Decimal

from berth.cost.amounts import money, step
from berth.cost.estimator import estimate
from berth.cost.pricelist import PriceError, load_prices, region_of
from berth.errors import ConfigError
from berth.plan import Plan


def totals(base: Plan, head: Plan) -> tuple[Decimal, Decimal]:
    """Return the month's price of two programs, in US dollars, each in its own region; an empty Plan costs nothing.

    Raises:
        ConfigError: A stack names no region.
        PriceError: There is no price list for it.
    """
    before, after = (
        estimate(plan, load_prices(region_of(plan))).total if plan.resources else Decimal(0) for plan in (base, head)
    )
    return before, after


def price_change(base: Plan, head: Plan) -> str:
    """Return what a change of program does to the month's price, in a few words."""
    try:
        before, after = totals(base, head)
    except (ConfigError, PriceError) as error:
        return f"not known: {error}"
    return f"{money(before)} → {money(after)} USD a month ({step(after - before)})"
