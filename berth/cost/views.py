"""Estimates on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from berth.cost.estimator import Estimate
from berth.cost.text import by_row, exact, footing, money, not_priced, quantity, total

UNCONFIRMED = "not confirmed"


def table(result: Estimate, sources: bool = False) -> RenderableType:
    """Return one stack's estimate: lines, subtotals, total, what has no price, assumptions.

    Args:
        result: The estimate.
        sources: Whether the pages that the prices are from are listed too.
    """
    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=f"{result.stack}: cost a month", title_justify="left")
    grid.add_column("resource", overflow="fold")
    grid.add_column("what", overflow="fold")
    for name in ("quantity", "USD a unit", "USD a month"):
        grid.add_column(name, justify="right", no_wrap=True)
    subtotals = result.subtotals
    component = None
    for line in result.lines:
        if line.component != component:
            component = line.component
            grid.add_row(Text(component, style="bold"), "", "", "", Text(money(subtotals[component]), style="bold"))
        what = Text(line.what)
        if not line.confirmed:
            what.append(f" ({UNCONFIRMED})", style="yellow")
        grid.add_row(
            Text(f"  {line.resource}"),
            what,
            Text(f"{quantity(line.quantity)} {line.unit}"),
            Text(exact(line.unit_price)),
            Text(money(line.amount)),
        )
    grid.add_section()
    grid.add_row(Text("Total", style="bold"), "", "", "", Text(total(result), style="bold"))
    parts: list[RenderableType] = [grid, Text(footing(result), style="dim")]
    parts += _section("Not in the total", not_priced(result), "yellow")
    parts += _section("Assumed", result.usage.assumptions(), "dim")
    if sources:
        parts += _section("Sources", sorted({url for line in result.lines for url in line.sources}), "dim")
    return Group(*parts)


def view(results: Sequence[Estimate], sources: bool = False) -> RenderableType:
    """Return every line of one stack, or several stacks side by side."""
    return table(results[0], sources) if len(results) == 1 else side_by_side(results)


def side_by_side(results: Sequence[Estimate]) -> RenderableType:
    """Return several stacks' subtotals and totals in one table; all must be of the same usage."""
    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False, title="Cost a month, US dollars", title_justify="left")
    grid.add_column("component")
    for result in results:
        grid.add_column(Text(result.stack), justify="right", no_wrap=True)
    for name, amounts in by_row(results):
        grid.add_row(name, *("-" if amount is None else money(amount) for amount in amounts))
    grid.add_section()
    grid.add_row(Text("Total", style="bold"), *(Text(total(result), style="bold") for result in results))
    parts: list[RenderableType] = [grid]
    parts += [Text(f"{result.stack}: {footing(result)}", style="dim") for result in results]
    for result in results:
        parts += _section(f"Not in the total of {result.stack}", not_priced(result), "yellow")
    parts += _section("Assumed for all", results[0].usage.assumptions() if results else [], "dim")
    return Group(*parts)


def _section(title: str, lines: Sequence[str], style: str) -> list[RenderableType]:
    if not lines:
        return []
    body = [Padding(Text(f"- {line}", style=style), (0, 0, 0, 2)) for line in lines]
    return [Text(""), Text(title, style="bold"), *body]
