"""How amounts and quantities are written."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

CENT: Final = Decimal("0.01")


def money(amount: Decimal) -> str:
    """Return US dollars to the cent, ``12.30``; rounding is for the eye, sums are of exact amounts."""
    return f"{amount.quantize(CENT, ROUND_HALF_EVEN):,}"


def step(amount: Decimal) -> str:
    """Return a difference between two amounts: ``+3.20``, ``-3.20``, or ``no change`` of a cent."""
    text = money(amount)
    return "no change" if text.strip("-") == money(Decimal(0)) else f"+{text}" if amount > 0 else text


def exact(value: Decimal) -> str:
    """Return a number with all of its digits, but without exponent and trailing zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def quantity(value: Decimal) -> str:
    """Return a quantity to three places, without trailing zeros."""
    return exact(value.quantize(Decimal("0.001"), ROUND_HALF_EVEN))
