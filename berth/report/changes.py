"""The section of a report with what changed: a block a resource, a line a property, each in its colour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from itertools import takewhile
from typing import Final, Literal

from berth.difference import Comparison
from berth.difference.comparison import HONEST, headline, label, mark, moved, properties, remarks, shown
from berth.difference.fenced import blocks
from berth.difference.outcome import MISSING, WORDS, Change, Kind, ResourceChange
from berth.report.model import Content, Fact, Html, Section, Table
from berth.views import gfm
from berth.views.common import Violation

_TONES: Final[Mapping[Kind, Literal["bad", "care", "good", "plain"]]] = {
    "replace": "bad",
    "delete": "bad",
    "create": "good",
    "move": "care",
    "update": "care",
    "maybe": "plain",
}
_MANY: Final = 10
"""Resources of a kind that hurts nobody from which on they are folded."""
_SHORT: Final = 40
"""Characters up to which a value stands beside its property's name; a longer one stands below it."""
_ALIKE: Final = 24
"""Characters that two values begin with from which on only the rest stands out."""


def changes(comparison: Comparison) -> Section:
    """Return what the working tree changes since a revision."""
    found = comparison.difference
    parts: list[Content] = [f"Against {comparison.base}. {HONEST}", *comparison.notices]
    groups = [(kind, items) for kind in _TONES if (items := found.of_kind(kind))]
    markup = [_group(kind, items) for kind, items in groups]
    if found.outputs:
        body = f'<li class="change"><ul>{"".join(map(_property, found.outputs))}</ul></li>'
        markup.append(_folded(f"{len(found.outputs)} in outputs", "plain", body, opened=True))
    parts.append(Html("".join(markup)) if markup else "Both programs plan the same.")
    parts += remarks(found)
    for title, findings in (("New findings", comparison.findings.new), ("Cured findings", comparison.findings.cured)):
        if findings:
            parts.append(_findings(title, findings))
    facts = [Fact(f"{len(items)} {WORDS[kind]}", _TONES[kind]) for kind, items in groups]
    facts = facts or [Fact("nothing changes", "good")]
    return Section(
        "difference",
        "Difference",
        parts,
        headline=headline(comparison),
        facts=facts,
        markdown="\n".join(_comment(comparison)),
    )


def _findings(title: str, findings: Sequence[Violation]) -> Table:
    rows = [(one.policy, one.label, "\n".join(one.explanation)) for one in findings]
    return Table(("Policy", "Level", "What to change"), rows, caption=f"{title}: {len(findings)}")


def _group(kind: Kind, items: Sequence[ResourceChange]) -> str:
    tone = _TONES[kind]
    opened = tone == "bad" or len(items) <= _MANY
    return _folded(f"{len(items)} {WORDS[kind]}", tone, "".join(map(_resource, items)), opened=opened)


def _folded(title: str, tone: str, body: str, *, opened: bool) -> str:
    return (
        f'<details class="changes {tone}"{" open" if opened else ""}><summary>{escape(title)}</summary>'
        f"<ul>{body}</ul></details>"
    )


def _resource(change: ResourceChange) -> str:
    kind, _, name = label(change).removesuffix(f" LOSES {change.loses}").partition(" ")
    source = change.resource.source
    where = f" <code>{escape(source)}</code>" if source else ""
    fate = f"<p>{moved(change)}</p>" if change.kind == "move" else ""
    lost = f' <span class="badge mandatory">loses {escape(change.loses)}</span>' if change.loses else ""
    items = "".join(map(_property, properties(change)))
    return (
        f'<li class="change"><p><span class="kind">{escape(kind)}</span> <strong>{escape(name)}</strong>'
        f"{lost}{where}</p>{fate}{f'<ul>{items}</ul>' if items else ''}</li>"
    )


def _property(change: Change) -> str:
    before, after = shown(change.before), shown(change.after)
    notes = f"<em>{escape(change.note)}</em> " if change.note else ""
    notes += '<em class="bad">forces replacement</em> ' if change.replaces else ""
    head = f'<span class="sign" aria-hidden="true">{mark(change)}</span><code>{escape(change.where)}</code> '
    if change.kind == "unknown":
        return f"<li>{head}not known, may change {notes}</li>"
    alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(before, after, strict=False)))
    same = alike if change.kind == "changed" and alike >= _ALIKE else 0
    sides = [] if change.before is MISSING else [_side("del", before, same)]
    sides += [] if change.after is MISSING else [_side("ins", after, same)]
    if max(len(before), len(after)) > _SHORT:
        return f'<li class="long">{head}{notes}{"".join(sides)}</li>'
    return f"<li>{head}{' &rarr; '.join(sides)} {notes}</li>"


def _side(tag: str, text: str, same: int) -> str:
    start = f'<span class="same">{escape(text[:same])}</span>' if same else ""
    return f"<{tag}>{start}{escape(text[same:])}</{tag}>"


def _comment(comparison: Comparison) -> list[str]:
    found = comparison.difference
    lines = [f"Against {gfm.cell(comparison.base)}. {HONEST}", ""]
    lines += [line for notice in comparison.notices for line in (gfm.cell(notice), "")]
    changed = blocks(found)
    if not changed:
        return [*lines, "Both programs plan the same."]
    fence = gfm.fence("\n".join(changed), 3)
    lines += [f"{fence}diff", *changed, fence]
    for title, findings in (("New findings", comparison.findings.new), ("Cured findings", comparison.findings.cured)):
        if findings:
            lines += ["", f"{title}: {', '.join(dict.fromkeys(gfm.code(one.policy) for one in findings))}"]
    return lines
