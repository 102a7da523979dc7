"""Estimates as Markdown, for a pull request or a page."""

from __future__ import annotations

from collections.abc import Sequence

from berth.cost.estimator import Estimate
from berth.cost.text import by_row, exact, footing, money, not_priced, quantity, total
from berth.views import gfm


def markdown(results: Sequence[Estimate]) -> str:
    """Return the side-by-side table, where there are several, and every stack's lines folded away."""
    if not results:
        return ""
    parts = [side_by_side(results), ""] if len(results) > 1 else []
    for result in results:
        parts += [_stack(result), ""]
    parts += ["Assumed:", ""]
    parts += [f"- {gfm.cell(line)}" for line in results[0].usage.assumptions()]
    return "\n".join(parts) + "\n"


def side_by_side(results: Sequence[Estimate]) -> str:
    """Return several stacks' subtotals and totals as one table; all must be of the same usage."""
    stacks = [gfm.code(result.stack) for result in results]
    lines = list(gfm.head(["USD a month", *stacks], range(1, len(stacks) + 1)))
    for name, amounts in by_row(results):
        lines.append(gfm.row([name, *("-" if amount is None else money(amount) for amount in amounts)]))
    totals = (f"**{total(result)}**" for result in results)
    lines.append(gfm.row(["**Total**", *totals]))
    if not all(result.complete for result in results):
        lines += ["", "At least: what has no price is listed with each stack, and comes on top."]
    return "\n".join(lines)


def _stack(result: Estimate) -> str:
    lines = [
        f"<details><summary><code>{gfm.plain(result.stack)}</code>: {total(result)} USD a month</summary>",
        "",
        *gfm.head(["component", "resource", "what", "quantity", "USD a unit", "USD a month", "source"], (3, 4, 5)),
    ]
    for line in result.lines:
        mark = "" if line.confirmed else " (not confirmed)"
        links = ", ".join(f"[{number}]({url})" for number, url in enumerate(line.sources, 1))
        cells = [line.component, gfm.code(line.resource), f"{gfm.cell(line.what)}{mark}"]
        cells += [f"{quantity(line.quantity)} {line.unit}", exact(line.unit_price), money(line.amount), links]
        lines.append(gfm.row(cells))
    for component, amount in result.subtotals.items():
        lines.append(f"| **{component}** | | | | | **{money(amount)}** | |")
    lines.append(f"| **Total** | | | | | **{total(result)}** | |")
    missing = not_priced(result)
    if missing:
        lines += ["", "Not in the total:", ""]
        lines += [f"- {gfm.cell(text)}" for text in missing]
    lines += ["", footing(result), "", "</details>"]
    return "\n".join(lines)
