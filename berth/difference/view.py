"""The difference as sections: what is lost, what changes, which findings are new or cured, and the price."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from berth.difference.comparison import Comparison
from berth.difference.outcome import MISSING, WORDS, Change, Difference, Kind, ResourceChange, address
from berth.plan import UNKNOWN, Secret, Value
from berth.render import markdown
from berth.views.common import SECRET, Violation, kind, masked, plural
from berth.views.losses import losses
from berth.views.plan_view import findings
from berth.views.section import Block, Changed, Changes, Entry, Mark, Notes, Section, Span, Text
from berth.views.values import LATER

HONEST: Final = "A difference between two programs, run with the packages installed here, not against what is deployed."
SAME: Final = "Both programs plan the same."
MOVED: Final = "The engine deletes and creates it, unless the program names the old place as an alias."
KEPT: Final = "The engine takes it for the same resource: the program names the old place as an alias."
_WIDTH: Final = 120
"""Characters of one value; the whole is in the Plan."""
_KINDS: Final[Mapping[Kind, tuple[str, Mark]]] = {
    "replace": ("+-", "bad"),
    "delete": ("-", "bad"),
    "create": ("+", "ok"),
    "move": (">", "warn"),
    "update": ("~", "warn"),
    "maybe": ("?", ""),
}
"""The engine's own signs, and two that it does not need: it knows what is deployed."""
_SIGNS: Final = {"added": "+", "removed": "-", "changed": "~", "unknown": "?"}


def comment(comparison: Comparison, *, cost_change: str | None = None, limit: int = markdown.LIMIT) -> str:
    """Return the difference as a comment on a pull request, of at most ``limit`` characters."""
    base = comparison.base.partition(" ")[0]
    return markdown.comment(
        f"diff {comparison.stack}",
        not comparison.stops,
        [Span(comparison.stack, "code"), f" against {comparison.base}: {headline(comparison.difference)}"],
        sections(comparison, cost_change=cost_change),
        limit=limit,
        rest=f": `berth diff {comparison.stack} --base {base}` shows all",
    )


def sections(comparison: Comparison, *, cost_change: str | None = None) -> list[Section]:
    """Return all that ``berth diff`` says; ``cost_change`` is the change of price in words, None leaves it out."""
    found = comparison.difference
    title = f"{comparison.stack} against {comparison.base}"
    shown = [Section(title, headline=headline(found), weight=0), Section("", _about(comparison), weight=0)]
    shown += losses(comparison.losses)
    if cost_change is not None:
        shown.append(Section("", [Text([Span("Price:", "strong"), f" {cost_change}"])], weight=2))
    for name, violations in _compared_findings(comparison):
        table = [findings(violations)] if violations else []
        shown.append(Section(name, table, headline=str(len(violations) or "none"), weight=3))
    if remaining := comparison.findings.remaining:
        shown.append(Section("", [Text(f"Findings in both: {len(remaining)}.", "muted")], weight=2))
    shown.append(Section("", [Text(line, "muted") for line in _remarks(found)], weight=2))
    entries = entries_of(found)
    if not entries:
        return [*shown, Section("", [Text(SAME, "ok")])]
    return [*shown, Section(plural(len(entries), "change"), [Changes(entries)], folded=True)]


def section(comparison: Comparison) -> Section:
    """Return what the working tree changes since a revision, as one section of a report."""
    found = comparison.difference
    entries = entries_of(found)
    blocks: list[Block] = [
        Text(f"Against {comparison.base}. {HONEST}"),
        *_about(comparison)[1:],
        Changes(entries) if entries else Text(SAME),
        *(Text(line) for line in _remarks(found)),
    ]
    for name, violations in _compared_findings(comparison):
        if violations:
            blocks.append(replace(findings(violations), caption=f"{name}: {len(violations)}"))
    counts = [(len(found.of_kind(kind)), WORDS[kind], mark) for kind, (_, mark) in _KINDS.items()]
    facts = [Span(f"{count} {word}", mark) for count, word, mark in counts if count]
    facts = facts or [Span("nothing changes", "ok")]
    return Section("Difference", blocks, headline=headline(found), folded=True, anchor="difference", facts=facts)


def headline(found: Difference) -> str:
    """Return ``2 replaced, 1 changed, 90 unchanged``."""
    parts = [f"{len(items)} {WORDS[kind]}" for kind in _KINDS if (items := found.of_kind(kind))]
    if found.outputs:
        parts.append(f"{len(found.outputs)} in outputs")
    return ", ".join([*parts, f"{found.unchanged} unchanged"])


def shown(value: Value) -> str:
    """Return one side of a change on one line; secrets are masked, long values cut."""
    if value is UNKNOWN:
        return LATER
    if isinstance(value, Secret):
        return SECRET
    text = json.dumps(masked(value), ensure_ascii=False)
    return text if len(text) <= _WIDTH else f"{text[:_WIDTH]}… ({len(text) - _WIDTH} more characters)"


def _about(comparison: Comparison) -> list[Block]:
    notes = [Notes("warning", comparison.notices)] if comparison.notices else []
    return [Text(HONEST, "muted"), *notes]


def _compared_findings(comparison: Comparison) -> list[tuple[str, Sequence[Violation]]]:
    return [("New findings", comparison.findings.new), ("Cured findings", comparison.findings.cured)]


def _remarks(found: Difference) -> list[str]:
    """Return what is not known, in sentences."""
    if not found.unknown:
        return []
    return [
        f"Not known before a deployment: {plural(found.unknown, 'value')}. What they refer to is the same on both "
        "sides, and so they are taken to be equal."
    ]


def entries_of(found: Difference) -> list[Entry]:
    """Return what differs, resource by resource, then the outputs."""
    changed = [_entry(change, len(found.of_kind(change.kind))) for change in found.resources]
    if found.outputs:
        title = f"{len(found.outputs)} in outputs"
        changed.append(Entry("~", title, "", "", "outputs", properties=list(map(_property, found.outputs))))
    return changed


def _entry(change: ResourceChange, alike: int) -> Entry:
    resource, before = change.resource, change.before
    sign, mark = _KINDS[change.kind]
    notes, fate = [], ""
    if change.kind == "move" and before is not None:
        old = f"under {address(before.parent).rsplit('::', 1)[-1]}" if before.parent else "under the stack"
        notes.append(f"was {old if before.name == resource.name else before.name}")
        fate = KEPT if change.aliased else MOVED
    if change.kind == "replace" and not change.certain:
        notes.append("may be replaced: not known yet")
    return Entry(
        sign,
        f"{alike} {WORDS[change.kind]}",
        mark,
        kind(resource),
        resource.name,
        notes,
        change.loses,
        resource.source or "",
        fate,
        [_property(item) for item in _properties(change)],
    )


def _properties(change: ResourceChange) -> list[Change]:
    """Return the changes of a resource for a reader: unknown elements of one list, for one reason, are one."""
    kept: list[Change] = []
    for item in change.changes:
        if item.kind == "unknown" and item.path and isinstance(item.path[-1], int):
            item = replace(item, path=(*item.path[:-1], "*"), before=UNKNOWN, after=UNKNOWN)
        if not kept or item != kept[-1]:
            kept.append(item)
    return kept


def _property(change: Change) -> Changed:
    sides = (change.before, change.after)
    before, after = (None if side is MISSING or change.kind == "unknown" else shown(side) for side in sides)
    notes = [change.note] if change.note else []
    return Changed(_SIGNS[change.kind], change.where, before, after, notes, bool(change.replaces))
