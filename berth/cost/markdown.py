"""Estimates as Markdown, for a pull request or a page."""

from __future__ import annotations

from collections.abc import Sequence

from berth.cost.estimator import Estimate
from berth.cost.text import by_row, cell, exact, footing, money, not_priced, quantity


def markdown(results: Sequence[Estimate]) -> str:
    """Return the side-by-side table, where there are several, and every stack's lines folded away."""
    if not results:
        return ""
    parts = [side_by_side(results), ""] if len(results) > 1 else []
    for result in results:
        parts += [_stack(result), ""]
    parts += ["Assumed:", ""]
    parts += [f"- {cell(line)}" for line in results[0].usage.assumptions()]
    return "\n".join(parts) + "\n"


def side_by_side(results: Sequence[Estimate]) -> str:
    """Return several stacks' subtotals and totals as one table; all must be of the same usage."""
    lines = [
        f"| USD a month | {' | '.join(f'`{result.stack}`' for result in results)} |",
        f"| --- |{' ---: |' * len(results)}",
    ]
    for name, amounts in by_row(results):
        lines.append(f"| {name} | {' | '.join('-' if amount is None else money(amount) for amount in amounts)} |")
    totals = (f"**{money(result.total)}**{'' if result.complete else ' +'}" for result in results)
    lines.append(f"| **Total** | {' | '.join(totals)} |")
    if not all(result.complete for result in results):
        lines += ["", "\\+ and what has no price, listed with each stack."]
    return "\n".join(lines)


def _stack(result: Estimate) -> str:
    lines = [
        f"<details><summary><code>{result.stack}</code>: {money(result.total)} USD a month</summary>",
        "",
        "| component | resource | what | quantity | USD a unit | USD a month | source |",
        "| --- | --- | --- | ---: | ---: | ---: | --- |",
    ]
    for line in result.lines:
        mark = "" if line.confirmed else " (not confirmed)"
        links = ", ".join(f"[{number}]({url})" for number, url in enumerate(line.sources, 1))
        lines.append(
            f"| {line.component} | `{line.resource}` | {cell(line.what)}{mark} | {quantity(line.quantity)} "
            f"{line.unit} | {exact(line.unit_price)} | {money(line.amount)} | {links} |"
        )
    for component, amount in result.subtotals.items():
        lines.append(f"| **{component}** | | | | | **{money(amount)}** | |")
    lines.append(f"| **Total** | | | | | **{money(result.total)}** | |")
    missing = not_priced(result)
    if missing:
        lines += ["", "Not in the total:", ""]
        lines += [f"- {cell(text)}" for text in missing]
    lines += ["", footing(result), "", "</details>"]
    return "\n".join(lines)
