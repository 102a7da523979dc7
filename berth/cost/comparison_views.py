"""A comparison on a terminal, as JSON and as Markdown."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from berth.cost.comparison import Candidate, Comparison
from berth.cost.document import document
from berth.cost.text import footing, not_priced, total
from berth.cost.times import creation_of
from berth.plan import Resource
from berth.resource_types.resource_type import NO_TIME, SHORT
from berth.views import gfm
from berth.views.common import kind

BASIS = (
    "Minutes are those of the longest chain of dependencies, by typical creation times; most of these are estimates."
)


def facts(comparison: Comparison) -> list[tuple[str, list[str]]]:
    """Return the table's rows: a name and a text a stack."""
    candidates = comparison.candidates
    packages = sorted({name for candidate in candidates for name in candidate.packages})
    rows = [
        ("backend", [candidate.backend or "not known" for candidate in candidates]),
        ("resources", [str(candidate.resources) for candidate in candidates]),
    ]
    rows += [(f"  {name}", [str(item.packages.get(name, 0)) for item in candidates]) for name in packages]
    rows += [
        ("mandatory findings", [str(candidate.mandatory) for candidate in candidates]),
        ("advisory findings", [str(candidate.advisory) for candidate in candidates]),
        ("how bad", [severities(candidate) for candidate in candidates]),
        ("USD a month", [total(candidate.estimate) for candidate in candidates]),
        ("minutes of `up`", [minutes(candidate) for candidate in candidates]),
        ("longest chain", [f"{len(candidate.chain.resources)} resources" for candidate in candidates]),
    ]
    return rows


def minutes(candidate: Candidate) -> str:
    """Return the expected minutes of ``up``, ``14 to 22``."""
    low, high = round(candidate.chain.low), round(candidate.chain.high)
    return f"{low} to {high}" if low != high else str(high)


def severities(candidate: Candidate) -> str:
    """Return how bad a stack's findings are: ``1 critical, 2 low``."""
    return ", ".join(f"{count} {severity}" for severity, count in candidate.severities.items()) or "-"


def table(comparison: Comparison) -> RenderableType:
    """Return the comparison for a terminal."""
    candidates = comparison.candidates
    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    grid.add_column("")
    for candidate in candidates:
        grid.add_column(Text(candidate.stack), justify="right")
    for name, texts in facts(comparison):
        grid.add_row(name, *map(Text, texts))
    parts: list[RenderableType] = [grid, Text(BASIS, style="dim")]
    for candidate in candidates:
        parts += [Text(""), Text(candidate.stack, style="bold"), *_details(candidate)]
    if candidates:
        parts += [Text(""), Text("Assumed for all", style="bold")]
        parts += _bullets(candidates[0].estimate.usage.assumptions())
    return Group(*parts)


def markdown(comparison: Comparison) -> str:
    """Return the comparison as Markdown."""
    candidates = comparison.candidates
    stacks = [gfm.code(candidate.stack) for candidate in candidates]
    lines = list(gfm.head(["", *stacks], range(1, len(stacks) + 1)))
    lines += [gfm.row([name.strip(), *map(gfm.cell, texts)]) for name, texts in facts(comparison)]
    lines += ["", BASIS, ""]
    for candidate in candidates:
        if candidate.limits:
            lines += [f"What `{candidate.backend}` cannot do:", ""]
            lines += [f"- {gfm.cell(limit.what)}: {gfm.cell(limit.instead)}" for limit in candidate.limits]
            lines.append("")
        lines += [f"Longest chain of {gfm.code(candidate.stack)}: {gfm.cell(chain_text(candidate))}.", ""]
    return "\n".join(lines)


def dumps(comparison: Comparison) -> str:
    """Return the comparison as one JSON object; the same comparison gives the same bytes."""
    return (
        json.dumps({"stacks": [_object(item) for item in comparison.candidates]}, indent=2, ensure_ascii=False) + "\n"
    )


def chain_text(candidate: Candidate) -> str:
    """Return the links of the longest chain that take time by themselves, with their minutes."""
    steps = [f"{kind(item)} ({_range(item)} min)" for item in _slow(candidate.chain.resources)]
    return " → ".join(steps) or "nothing that takes a minute"


def _slow(chain: Sequence[Resource]) -> list[Resource]:
    return [item for item in chain if creation_of(item) not in (SHORT, NO_TIME)]


def _range(resource: Resource) -> str:
    time = creation_of(resource)
    return f"{time.low:g} to {time.high:g}"


def _details(candidate: Candidate) -> list[RenderableType]:
    parts: list[RenderableType] = [Padding(Text(f"Longest chain: {chain_text(candidate)}"), (0, 0, 0, 2))]
    parts.append(Padding(Text(footing(candidate.estimate), style="dim"), (0, 0, 0, 2)))
    missing = not_priced(candidate.estimate)
    if missing:
        parts += [Padding(Text("Not in the price:"), (0, 0, 0, 2)), *_bullets(missing)]
    if candidate.limits:
        parts.append(Padding(Text(f"What {candidate.backend} cannot do:"), (0, 0, 0, 2)))
        parts += _bullets([f"{limit.what}: {limit.instead}" for limit in candidate.limits])
    return parts


def _bullets(lines: Sequence[str]) -> list[RenderableType]:
    return [Padding(Text(f"- {line}"), (0, 0, 0, 4)) for line in lines]


def _object(candidate: Candidate) -> dict[str, Any]:
    return {
        "stack": candidate.stack,
        "backend": candidate.backend,
        "resources": candidate.resources,
        "packages": dict(candidate.packages),
        "findings": {
            "mandatory": candidate.mandatory,
            "advisory": candidate.advisory,
            "severities": dict(candidate.severities),
        },
        "cost": document(candidate.estimate),
        "up": {
            "minutes": {"low": round(candidate.chain.low, 2), "high": round(candidate.chain.high, 2)},
            "chain": [
                {
                    "urn": item.urn,
                    "low": creation_of(item).low,
                    "high": creation_of(item).high,
                    "source": creation_of(item).source,
                }
                for item in candidate.chain.resources
            ],
        },
        "limits": [{"what": limit.what, "instead": limit.instead} for limit in candidate.limits],
    }
