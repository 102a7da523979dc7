"""The table as `docs/layers.md`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Final

from policy.rules.registry import RULES
from policy.rules.rule import Level

from .judging import ROOT
from .rows import Blind, Caught, Layer, Row, Weakened
from .table import TABLE

FILE: Final = ROOT / "docs" / "layers.md"

_INTRODUCTION: Final = """\
# Five layers

<!-- Written by `python -m tests.layers` from tests/layers/table.py; a test keeps it so. -->

What confines a container is said in its Dockerfile, in the image's config, and in the ECS container definition or the
Kubernetes pod; the kernel shows at run time what came of it. Each promise is weakened at each layer, one at a time, and
has to be found at that very layer, which is the earliest that can know. Where a layer cannot know, the table says so,
and the promise is kept by a later one.

- `a-rule` of the policy pack finds it before anything is deployed: at `berth preview`, at `pulumi preview` and `up`.
  A rule in *italics* is advisory: it is printed and stops nobody, but `berth rehearse` refuses the same declaration.
- **rehearse** is `berth rehearse`, which holds every declaration against the promise, and looks at the processes and
  mounts of the running containers.
- **kubelet** is what a kubelet refuses to start where the pod leaves the uid to the image, and `berth rehearse` in its
  place. The pods and definitions of this project name their uid, so that theirs is the last word on it.
"""


def document() -> str:
    """Return the whole document."""
    return "\n".join([_INTRODUCTION, *_table(), "", *_details()]) + "\n"


def _table() -> Iterator[str]:
    yield "| Promise | " + " | ".join(Layer) + " |"
    yield "| --- |" + " --- |" * len(Layer)
    for row in TABLE:
        yield f"| {row.name} | " + " | ".join(_cell(row.cells[layer]) for layer in Layer) + " |"


def _cell(cell: Caught | Blind) -> str:
    if isinstance(cell, Blind):
        return "cannot know"
    who = sorted({one for way in cell.ways for one in way.found_by}, key=_order)
    return ", ".join(dict.fromkeys(_called(one) for one in who))


def _order(who: str) -> tuple[bool, str]:
    return (who.startswith("rehearsal: "), who)


def _called(who: str) -> str:
    if who in RULES:
        return f"*`{who}`*" if RULES[who].level is Level.ADVISORY else f"`{who}`"
    return "**rehearse**" if who.startswith("rehearsal: ") else f"**{who}**"


def _details() -> Iterator[str]:
    yield "## What is tried, and who finds it"
    for row in TABLE:
        yield ""
        yield f"### {row.name[0].upper()}{row.name[1:]}"
        yield ""
        yield from _tried(row)


def _tried(row: Row) -> Iterator[str]:
    for text, layers in groupby(Layer, lambda layer: _told(row.cells[layer])):
        yield f"- {', '.join(layers)}: {text}."


def _told(cell: Caught | Blind) -> str:
    if isinstance(cell, Blind):
        return f"cannot know, {cell.why}. Nobody minds `{cell.closest.text}`"
    parts = []
    for finders, ways in groupby(cell.ways, _finders):
        parts.append(f"{', '.join(f'`{way.text}`' for way in ways)} by {finders}")
    return "; ".join(parts)


def _finders(way: Weakened) -> str:
    broken = sorted(one.removeprefix("rehearsal: ") for one in way.found_by if one.startswith("rehearsal: "))
    finders = [_called(one) for one in sorted(way.found_by) if not one.startswith("rehearsal: ")]
    finders += [f"**rehearse** ({', '.join(broken)})"] if broken else []
    return " and ".join(finders)
