"""The section of a report with a stack's price: a subtotal a part, and what costs only cents folded away."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from html import escape
from itertools import groupby
from typing import Final

from berth.cost import Estimate, estimate, load_prices, region_of
from berth.cost.change import totals
from berth.cost.model import Line
from berth.cost.pricelist import PriceError
from berth.cost.text import exact, footing, money, not_priced, quantity, step, total
from berth.errors import ConfigError
from berth.plan import Plan
from berth.report.model import Content, Fact, Html, Section, Table
from berth.views import gfm
from berth.views.common import plural, short_type

_SMALL: Final = Decimal(1)
"""US dollars a month; several lines below it are one, until they are unfolded."""


def price(plan: Plan, base: Plan | None = None) -> Section:
    """Return the month's price of a stack, part by part, or why it is not known.

    Args:
        plan: The stack.
        base: The stack as it was; None leaves the change of price out.
    """
    try:
        result = estimate(plan, load_prices(region_of(plan)))
        was = totals(base, plan)[0] if base else None
    except (ConfigError, PriceError) as error:
        text = str(error)
        return Section("price", "Price", text, headline="not known", facts=(Fact("price not known"),), problem=text)
    missing = not_priced(result)
    parts: list[Content] = [Html(_page(result))]
    if missing:
        parts.append(
            Table(("Not in the total: what costs money, but has no price here",), [(text,) for text in missing])
        )
    parts.append(Table(("Assumed",), [(text,) for text in result.usage.assumptions()]))
    parts.append(footing(result))
    now = f"{total(result)} USD a month"
    change = "" if was is None else step(result.total - was)
    return Section(
        "price",
        "Price",
        parts,
        headline=f"{now} ({change})" if change else now,
        facts=_facts(result, was),
        markdown="\n".join([*_comment(result), "", *_listed("Not in the total", missing), footing(result)]),
    )


def _facts(result: Estimate, was: Decimal | None) -> tuple[Fact, ...]:
    now = Fact(f"{total(result)} USD a month")
    if was is None:
        return (now,)
    change = step(result.total - was)
    if change == "no change":
        return Fact("price unchanged"), now
    return Fact(f"{change} USD", "care" if result.total > was else "good"), now, Fact(f"was {money(was)}")


def _parts(result: Estimate) -> list[tuple[str, list[Line], list[Line]]]:
    """Return each part's name, its lines and those that are folded, the dearest part first."""
    found = []
    for name, group in groupby(result.lines, key=lambda line: line.component):
        lines = list(group)
        small = [line for line in lines if line.amount < _SMALL]
        # A fold around a single line would take as much room as the line.
        folded = small if len(small) > 1 else []
        found.append((name, [line for line in lines if line not in folded], folded))
    return sorted(found, key=lambda part: -result.subtotals[part[0]])


def _sum(lines: Sequence[Line]) -> str:
    return money(sum((line.amount for line in lines), Decimal(0)))


def _page(result: Estimate) -> str:
    blocks = []
    for name, lines, folded in _parts(result):
        subtotal = result.subtotals[name]
        share = round(100 * subtotal / result.total) if result.total else 0
        fold = (
            f"<details><summary><span>{plural(len(folded), 'line')} below one dollar</span>"
            f"<b>{_sum(folded)}</b></summary><ul>{''.join(map(_item, folded))}</ul></details>"
            if folded
            else ""
        )
        blocks.append(
            f"<section><h4><span>{escape(name)}</span><b>{money(subtotal)}</b></h4>"
            f'<div class="share" aria-hidden="true"><i style="width:{share}%"></i></div>'
            f"<ul>{''.join(map(_item, lines))}</ul>{fold}</section>"
        )
    foot = f'<p class="total"><span>Total</span><b>{total(result)}</b></p>'
    return f'<div class="price"><p class="unit">USD a month</p>{"".join(blocks)}{foot}</div>'


def _item(line: Line) -> str:
    doubt = "" if line.confirmed else ' <em title="read at no source">not confirmed</em>'
    return (
        f"<li><span>{escape(line.what)}{doubt} "
        f'<span class="of">{escape(short_type(line.type))} {escape(line.resource)}</span></span>'
        f'<span class="sum">{quantity(line.quantity)} {escape(line.unit)} &times; {exact(line.unit_price)}</span>'
        f"<b>{money(line.amount)}</b></li>"
    )


def _comment(result: Estimate) -> list[str]:
    lines = list(gfm.head(["part", "what", "quantity", "USD a month"], (2, 3)))
    for name, kept, folded in _parts(result):
        lines.append(gfm.row([f"**{gfm.cell(name)}**", "", "", f"**{money(result.subtotals[name])}**"]))
        for line in kept:
            what = gfm.cell(f"{short_type(line.type)}: {line.what}")
            lines.append(gfm.row(["", what, f"{quantity(line.quantity)} {line.unit}", money(line.amount)]))
        if folded:
            lines.append(gfm.row(["", f"{plural(len(folded), 'line')} below one dollar", "", _sum(folded)]))
    return [*lines, gfm.row(["**Total**", "", "", f"**{total(result)}**"])]


def _listed(title: str, lines: Sequence[str]) -> list[str]:
    return [f"{title}:", "", *(f"- {gfm.cell(line)}" for line in lines), ""] if lines else []
