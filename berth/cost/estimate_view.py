"""Estimates as sections: one stack's bill, or several stacks side by side, and what they rest on."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby
from typing import Final

from berth.cost.amounts import exact, money, quantity, step
from berth.cost.change import totals
from berth.cost.estimator import Estimate, PricedLine, estimate
from berth.cost.pricelist import PriceError, load_prices, region_of
from berth.errors import ConfigError
from berth.plan import Plan
from berth.views.common import plural, short_type
from berth.views.section import Bill, Block, Bullets, Line, Part, Section, Span, Table, Text

_SMALL: Final = Decimal(1)
"""US dollars a month; several lines below it are one, until they are unfolded."""


def sections(results: Sequence[Estimate], sources: bool = False) -> list[Section]:
    """Return every line of each stack, and several stacks side by side; all must be of the same usage."""
    if not results:
        return []
    several = len(results) > 1
    bills = [
        Section(f"Cost of {one.stack}", [bill(one)], headline="" if several else _total_text(one), folded=several)
        for one in results
    ]
    about = [Bullets("Assumed", results[0].usage.assumptions(), "muted")]
    if sources:
        urls = sorted({url for one in results for line in one.lines for url in line.sources})
        about.append(Bullets("Sources", urls, "muted"))
    basis = [block for one in results for block in basis_of(one, several=several)]
    if not several:
        return [*bills, Section("", [*basis, *about])]
    return [
        Section("Cost a month, US dollars", [side_by_side(results)]),
        Section("", basis),
        *bills,
        Section("", about),
    ]


def section(plan: Plan, base: Plan | None = None) -> Section:
    """Return a stack's price as a section of a report, or why it is not known; with ``base`` also its change."""
    try:
        result = estimate(plan, load_prices(region_of(plan)))
        was = totals(base, plan)[0] if base else None
    except (ConfigError, PriceError) as error:
        facts, text = [Span("price not known")], str(error)
        return Section("Price", [Text(text)], headline="not known", anchor="price", facts=facts, problem=text)
    change = "" if was is None else step(result.total - was)
    return Section(
        "Price",
        [bill(result, fold=True), *basis_of(result), Bullets("Assumed", result.usage.assumptions(), "muted")],
        headline=_total_text(result) + (f" ({change})" if change else ""),
        folded=True,
        anchor="price",
        facts=_facts(result, was),
    )


def bill(result: Estimate, fold: bool = False) -> Bill:
    """Return a stack's lines under its parts, the dearest part first; ``fold`` folds lines of cents away."""
    parts = []
    for name, group in groupby(result.lines, key=lambda line: line.component):
        lines = list(group)
        small = [line for line in lines if line.amount < _SMALL] if fold else []
        # A fold around a single line would take as much room as the line.
        small = small if len(small) > 1 else []
        subtotal = result.subtotals[name]
        share = round(100 * subtotal / result.total) if result.total else 0
        kept = [_row(line) for line in lines if line not in small]
        folded = money(sum((line.amount for line in small), Decimal(0)))
        parts.append((-subtotal, Part(name, money(subtotal), share, kept, list(map(_row, small)), folded)))
    parts.sort(key=lambda part: part[0])
    columns = ("what", "resource", "quantity", "USD a unit", "USD a month")
    return Bill(columns, [part for _, part in parts], total(result))


def side_by_side(results: Sequence[Estimate]) -> Table:
    """Return several stacks' subtotals and totals in one table, the dearest row first.

    A dash stands where a stack has nothing with a price in that row.
    """
    columns = [result.subtotals for result in results]
    names = {name: max(column.get(name, Decimal(0)) for column in columns) for column in columns for name in column}
    rows = [
        [name, *(money(column[name]) if name in column else "-" for column in columns)]
        for name in sorted(names, key=lambda name: (-names[name], name))
    ]
    heads = ["part", *(result.stack for result in results)]
    return Table(heads, rows, frozenset(range(1, len(heads))), ["Total", *map(total, results)])


def total(result: Estimate) -> str:
    """Return a stack's total, ``99.73``, or ``at least 99.73`` where something that costs money has no price."""
    return money(result.total) if result.complete else f"at least {money(result.total)}"


def not_priced(result: Estimate) -> list[str]:
    """Return what is missing in the total, a line each."""
    lines = [f"{item.component}: {item.what} of {item.resource}: {item.reason}" for item in result.unpriced]
    lines += [
        f"{short_type(type_)} ({plural(count, 'resource')}): not known to the price list"
        for type_, count in result.unknown.items()
    ]
    return lines


def basis_of(result: Estimate, *, several: bool = False) -> list[Block]:
    """Return where the prices are from, how much rests on unconfirmed ones, and what is missing in the total."""
    text = f"{result.stack}: " if several else ""
    text += f"Prices of {result.prices_of} in {result.region}, US dollars a month"
    if result.unconfirmed:
        text += f"; {money(result.unconfirmed)} of the total are by prices not confirmed"
    text += f"; {plural(result.free, 'resource')} cost nothing by themselves."
    missing = not_priced(result)
    of = f" of {result.stack}" if several else ""
    return [Text(text, "muted"), *([Bullets(f"Not in the total{of}", missing, "warn")] if missing else [])]


def _total_text(result: Estimate) -> str:
    return f"{total(result)} USD a month"


def _facts(result: Estimate, was: Decimal | None) -> list[Span]:
    now = Span(_total_text(result))
    if was is None:
        return [now]
    change = step(result.total - was)
    if change == "no change":
        return [Span("price unchanged"), now]
    return [Span(f"{change} USD", "warn" if result.total > was else "ok"), now, Span(f"was {money(was)}")]


def _row(line: PricedLine) -> Sequence[Line]:
    doubt = [] if line.confirmed else [Span(" (not confirmed)", "warn")]
    used = f"{quantity(line.quantity)} {line.unit}"
    price = Span(exact(line.unit_price), link=line.sources[0] if line.sources else "")
    return [line.what, *doubt], [Span(line.resource, link=line.urn)], used, [price], money(line.amount)
