"""Changes as lines that GitHub colours in a ``diff`` fence: by their first character, so a value a line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from berth.difference.comparison import SIGNS, label, moved, notes, properties, shown
from berth.difference.outcome import MISSING, Change, Difference, Kind, ResourceChange

_PROPERTIES: Final = 50
"""Properties of one resource: one that differs in everything must not crowd out all others."""
_SIGNS: Final[Mapping[Kind, str]] = {**SIGNS, "replace": "-/+"}
"""The engine's signs, but what is replaced is red."""


def blocks(difference: Difference) -> list[str]:
    """Return a block of lines for each resource and each output."""
    return [
        *map(_resource, difference.resources),
        *("\n".join(_lines(change, " output ")) for change in difference.outputs),
    ]


def _resource(change: ResourceChange) -> str:
    source = f"  {change.resource.source}" if change.resource.source else ""
    lines = [f"{_SIGNS[change.kind]} {label(change)}{source}"]
    if change.kind == "move":
        lines.append(f"    {moved(change)}")
    items = properties(change)
    lines += [line for item in items[:_PROPERTIES] for line in _lines(item, "     ")]
    if len(items) > _PROPERTIES:
        lines.append(f"      … and {len(items) - _PROPERTIES} more properties")
    return "\n".join(lines)


def _lines(change: Change, pad: str) -> Iterator[str]:
    if change.kind == "unknown":
        yield f"?{pad}{change.where}: not known, may change{notes(change)}"
        return
    if change.before is not MISSING:
        yield f"-{pad}{change.where}: {shown(change.before)}{notes(change) if change.after is MISSING else ''}"
    if change.after is not MISSING:
        yield f"+{pad}{change.where}: {shown(change.after)}{notes(change)}"
