"""How amounts are written, and what the views say the same way."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from berth.cost.estimator import Estimate
from berth.views.common import plural, short_type

CENT: Final = Decimal("0.01")
ROOMS: Final = ("Network", "Edge", "Firewall", "Image", "Database", "Role", "Stack")
"""Components that every stack has in the same form; any other one is where the service runs."""
BACKEND: Final = "Backend"
"""Row of the side-by-side table that every backend's own component is in."""


def money(amount: Decimal) -> str:
    """Return US dollars to the cent, ``12.30``; rounding is for the eye, sums are of exact amounts."""
    return f"{amount.quantize(CENT, ROUND_HALF_EVEN):,}"


def step(amount: Decimal) -> str:
    """Return a difference between two amounts: ``+3.20``, ``-3.20``, or ``no change`` of a cent."""
    text = money(amount)
    return "no change" if text.strip("-") == money(Decimal(0)) else f"+{text}" if amount > 0 else text


def total(result: Estimate) -> str:
    """Return a stack's total, ``99.73``, or ``at least 99.73`` where something that costs money has no price."""
    return money(result.total) if result.complete else f"at least {money(result.total)}"


def exact(value: Decimal) -> str:
    """Return a number with all of its digits, but without exponent and trailing zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def quantity(value: Decimal) -> str:
    """Return a quantity to three places, without trailing zeros."""
    return exact(value.quantize(Decimal("0.001"), ROUND_HALF_EVEN))


def not_priced(result: Estimate) -> list[str]:
    """Return what is missing in the total, a line each."""
    lines = [f"{item.component}: {item.what} of {item.resource}: {item.reason}" for item in result.unpriced]
    lines += [
        f"{short_type(type_)} ({plural(count, 'resource')}): not known to the price list"
        for type_, count in result.unknown.items()
    ]
    return lines


def footing(result: Estimate) -> str:
    """Return where the prices are from and how much of the total rests on unconfirmed ones."""
    text = f"Prices of {result.prices_of} in {result.region}, US dollars a month"
    if result.unconfirmed:
        text += f"; {money(result.unconfirmed)} of the total are by prices not confirmed"
    return f"{text}; {plural(result.free, 'resource')} cost nothing by themselves."


def by_row(results: Sequence[Estimate]) -> list[tuple[str, list[Decimal | None]]]:
    """Return subtotals side by side: a row a component, the backends' own components in one row, the dearest first.

    None stands where a stack has nothing with a price in that row.
    """
    columns: list[dict[str, Decimal]] = []
    for result in results:
        column: dict[str, Decimal] = {}
        for component, amount in result.subtotals.items():
            row = component if component in ROOMS else BACKEND
            column[row] = column.get(row, Decimal(0)) + amount
        columns.append(column)
    names = sorted({row for column in columns for row in column})
    rows = [(name, [column.get(name) for column in columns]) for name in names]
    return sorted(rows, key=lambda row: (-max(amount or Decimal(0) for amount in row[1]), row[0]))
