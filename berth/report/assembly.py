"""The sections of a report that other views make: price, difference, diagrams.

The page itself knows none of them; this is the one place where they meet.
"""

from __future__ import annotations

from pathlib import Path

from berth import diagrams
from berth.cost import Estimate, estimate, load_prices, region_of
from berth.cost.change import price_change
from berth.cost.pricelist import PriceError
from berth.cost.text import exact, footing, money, not_priced, quantity
from berth.diagrams.dot import GraphvizError
from berth.difference import Comparison
from berth.difference.comparison import described, headline, label, properties
from berth.errors import ConfigError
from berth.plan import Plan
from berth.report.model import Content, Section, Svg, Table


def price(plan: Plan, root: Path) -> Section:
    """Return the month's price of a stack, line by line, or why it is not known."""
    try:
        result = estimate(plan, load_prices(region_of(plan, root)))
    except (ConfigError, PriceError) as error:
        return Section("price", "Price", str(error), headline="price not known", problem=str(error))
    total = f"{money(result.total)}{'' if result.complete else ' +'}"
    parts: list[Content] = [_lines(result, total)]
    if missing := not_priced(result):
        parts.append(Table(("not in the total",), [(text,) for text in missing]))
    parts.append(Table(("assumed",), [(text,) for text in result.usage.assumptions()]))
    parts.append(footing(result))
    return Section("price", "Price", parts, headline=f"{total} USD a month")


def _lines(result: Estimate, total: str) -> Table:
    rows = [
        (
            line.component,
            line.resource,
            line.what + ("" if line.confirmed else " (not confirmed)"),
            f"{quantity(line.quantity)} {line.unit}",
            exact(line.unit_price),
            money(line.amount),
        )
        for line in result.lines
    ]
    header = ("component", "resource", "what", "quantity", "USD a unit", "USD a month")
    return Table(header, rows, numeric=frozenset({3, 4, 5}), foot=("Total", "", "", "", "", total))


def changes(comparison: Comparison, base: Plan, head: Plan, root: Path) -> Section:
    """Return what the working tree changes since a revision."""
    found = comparison.difference
    rows = [
        (change.kind, label(change), "; ".join(described(item) for item in properties(change)))
        for change in found.resources
    ]
    parts: list[Content] = [
        f"Against {comparison.base}: a difference between two programs, not against what is deployed.",
        f"Price: {price_change(base, head, root)}",
    ]
    parts += [notice for notice in comparison.notices]
    parts.append(Table(("change", "resource", "properties"), rows) if rows else "Both programs plan the same.")
    for title, findings in (("new findings", comparison.findings.new), ("cured findings", comparison.findings.cured)):
        if findings:
            cells = [(one.policy, one.label, " ".join(one.explanation)) for one in findings]
            parts.append(Table(("policy", "level", "what to change"), cells, caption=title))
    return Section("difference", "Difference", parts, headline=headline(comparison))


def drawings(plan: Plan, root: Path) -> Section:
    """Return the diagrams of a stack; without Graphviz, a word on what to install."""
    file = diagrams.flows_file(plan, root)
    parts: list[Content] = []
    problem = ""
    try:
        for kind in diagrams.KINDS:
            parts.append(Svg(diagrams.svg(plan, kind), f"{plan.stack}: {kind}"))
        for flow in diagrams.load(plan, file) if file else ():
            parts.append(Svg(diagrams.flow_svg(flow), f"{plan.stack}: {flow.title}"))
    except GraphvizError as error:
        problem = str(error)
        parts.append(problem)
    return Section(
        "diagrams", "Diagrams", parts, markdown=None if problem else "In the report's page.", problem=problem
    )
