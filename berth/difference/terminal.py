"""The difference for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from berth.difference.comparison import (
    HONEST,
    SIGNS,
    Comparison,
    described,
    headline,
    label,
    mark,
    moved,
    properties,
    remarks,
)
from berth.difference.outcome import ResourceChange
from berth.views.common import MANDATORY, Violation
from berth.views.losses import warnings

_STYLES: Final = {"+": "green", "-": "red", "+-": "bold magenta", "~": "yellow", "?": "cyan", ">": "blue"}


def terminal(comparison: Comparison, *, cost_change: str | None = None) -> RenderableType:
    """Return heading, resources with their properties, outputs, findings and the change in price.

    Args:
        comparison: What is shown.
        cost_change: What the price does, as plain text; None leaves it out.
    """
    found = comparison.difference
    lines: list[RenderableType] = [
        Text.assemble((comparison.stack, "bold"), f" against {comparison.base}: {headline(comparison)}"),
        Text(HONEST, style="dim"),
        *(Text(notice, style="yellow") for notice in comparison.notices),
        Text(),
    ]
    # Without the backticks, which a shell would run.
    lines += [Text(line.strip("`"), style="bold red", overflow="fold") for line in warnings(comparison.losses)]
    for change in found.resources:
        lines += _resource(change)
    if found.outputs:
        lines.append(Text("Outputs", style="bold"))
        lines += [_property(mark(change), described(change)) for change in found.outputs]
    if found.empty:
        lines.append(Text("Both programs plan the same.", style="green"))
    lines += [Text(remark, style="dim") for remark in remarks(found)]
    lines.append(Text())
    lines += _findings("New findings", comparison.findings.new, "red")
    lines += _findings("Cured findings", comparison.findings.cured, "green")
    if comparison.findings.remaining:
        lines.append(Text(f"Findings in both: {len(comparison.findings.remaining)}", style="dim"))
    if cost_change is not None:
        lines.append(Text.assemble(("Price: ", "bold"), cost_change))
    return Group(*lines)


def _resource(change: ResourceChange) -> list[RenderableType]:
    sign = SIGNS[change.kind]
    style = "bold red" if change.loses else ""
    head = Text.assemble((sign.ljust(3), style or _STYLES[sign]), (label(change), style), overflow="fold")
    if change.resource.source:
        head.append(f"  {change.resource.source}", style="dim")
    lines: list[RenderableType] = [head]
    if change.kind == "move":
        lines.append(Text(f"      {moved(change)}", style="dim"))
    return [*lines, *(_property(mark(item), described(item)) for item in properties(change))]


def _property(sign: str, text: str) -> RenderableType:
    # Padding, so that a folded line stays below its own beginning.
    return Padding(Text.assemble((sign, _STYLES[sign]), " ", text, overflow="fold"), (0, 0, 0, 6), expand=False)


def _findings(title: str, findings: Sequence[Violation], style: str) -> list[RenderableType]:
    if not findings:
        return [Text.assemble((f"{title}: ", "bold"), "none")]
    lines: list[RenderableType] = [Text.assemble((f"{title}: ", "bold"), str(len(findings)))]
    for item in findings:
        sign = "✗" if item.level == MANDATORY else "!"
        name = item.resource.rsplit("::", 1)[-1]
        lines.append(Text.assemble("  ", (f"{sign} {item.label}", style), f"  {item.policy}  {name}"))
        lines += [Padding(Text(line, overflow="fold"), (0, 0, 0, 6), expand=False) for line in item.explanation]
    return lines
