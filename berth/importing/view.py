"""What an import has to say, as sections and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from berth.importing.draft import Stack
from berth.importing.table import Kind, Remark
from berth.views.common import plural
from berth.views.section import Line, Section, Span, Table, Text

_TITLES: Final[Mapping[Kind, str]] = {"left": "Not carried", "changed": "Carried as something else"}


def remarks(stacks: Sequence[Stack]) -> list[Remark]:
    """Return what is to be said of all stacks, each thing once."""
    return list(dict.fromkeys(one for stack in stacks for one in stack.remarks))


def sections(stacks: Sequence[Stack]) -> list[Section]:
    """Return what became of the files, as sections."""
    found = remarks(stacks)
    lines = [Text(f"{stack.name}: {_services(stack)}") for stack in stacks]
    said = [_section(kind, [one for one in found if one.kind == kind]) for kind in _TITLES]
    return [*said, Section("", lines, weight=0)]


def _services(stack: Stack) -> str:
    return ", ".join(
        f"{one.name} ({one.keys.get('kind') or one.keys.get('exposure', 'public')})" for one in stack.services
    )


def _section(kind: Kind, found: Sequence[Remark]) -> Section:
    """Return remarks, each thing that is said with all keys that it is said of, what there is to do first."""
    said: dict[tuple[str, str], list[Remark]] = {}
    for one in found:
        said.setdefault((one.why, one.instead), []).append(one)
    rows: list[Sequence[Line]] = []
    for (why, instead), ones in sorted(said.items(), key=lambda item: not item[0][1]):
        row: list[Line] = [why]
        row += [[Span(_key(one), "code"), "  ", Span(one.file, "muted")] for one in ones]
        row += [[Span("instead: ", "strong"), instead]] if instead else []
        rows.append(row)
    blocks = [Table(("why, where, and what to do",), rows, heads=1)] if rows else []
    return Section(_TITLES[kind], blocks, headline=plural(len(found), "key") if rows else "nothing", weight=1)


def _key(remark: Remark) -> str:
    return ": ".join(filter(None, (remark.key, remark.given)))


def as_json(stacks: Sequence[Stack], more: Mapping[str, Any]) -> str:
    """Return what became of the files as one JSON object.

    Args:
        stacks: the stacks.
        more: by stack, what its preview says.
    """
    found: dict[str, Any] = {
        "stacks": {one.name: {"config": one.config(), **more.get(one.name, {})} for one in stacks},
        "remarks": [asdict(one) for one in remarks(stacks)],
    }
    return json.dumps(found, indent=2, ensure_ascii=False, sort_keys=True) + "\n"
