"""Sections as GitHub-flavoured Markdown, always short enough for a comment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from berth.render import markdown_escape as escape
from berth.render.budget import Piece, Pieces, share, size
from berth.views import section as views
from berth.views.section import Line, Section, Span, described, named, noted, plain, spans
from berth.views.values import shown

LIMIT: Final = 64_900
"""No comment has more characters; GitHub takes 65,536."""
_ALERTS: Final = {"info": "NOTE", "warning": "WARNING", "error": "CAUTION"}
_PROPERTIES: Final = 50
"""Properties of one resource: one that differs in everything must not crowd out all others."""


def comment(
    name: str, passed: bool, title: Line, parts: Sequence[Section | str], *, limit: int = LIMIT, rest: str = ""
) -> str:
    """Return a comment.

    Args:
        name: What a workflow finds its own earlier comment by; part of the first line.
        passed: Whether nothing stops.
        title: Its heading.
        parts: Sections, and Markdown between them.
        limit: The most characters; the heaviest sections are shortened first.
        rest: Where the rest can be read, appended to how much is left out.
    """
    head = f"<!-- berth {name} -->\n### {mark(passed)} {_line(title)}\n\n"
    return head + body(parts, limit=limit - size(head), rest=rest)


def body(parts: Sequence[Section | str], *, limit: int = LIMIT, rest: str = "") -> str:
    """Return a comment without its head; for the arguments see ``comment``."""
    limit -= sum(size(part) for part in parts if isinstance(part, str))
    # What is a headline alone stands in the head or in a table of stacks; a picture is for a page.
    sections = [one for one in parts if isinstance(one, Section) and {*map(type, one.blocks)} - {views.Picture}]
    weights = sorted({section.weight for section in sections})
    texts: dict[int, str] = {}
    for weight in weights:
        chosen = [section for section in sections if section.weight == weight]
        # A heavier kind gets what the lighter ones leave, and they leave a quarter.
        room = limit if weight == weights[-1] else limit * 3 // 4
        for section, text in zip(chosen, share([_section(one, rest) for one in chosen], room), strict=True):
            texts[id(section)] = text
            limit -= size(text)
    return "".join(part if isinstance(part, str) else texts.get(id(part), "") for part in parts)


def mark(passed: bool) -> str:
    """Return the sign of a verdict."""
    return "✅" if passed else "❌"


def _section(section: Section, rest: str) -> Pieces:
    pieces = [piece for block in section.blocks for piece in _block(block, f"… and {{}} more{rest}")]
    title = f"{section.title}: {section.headline}" if section.headline else section.title
    if section.folded:
        head = f"<details><summary>{escape.plain(title)}</summary>\n\n"
        return Pieces(pieces, head, "</details>\n\n", f"… more{rest}")
    return Pieces(pieces, f"**{escape.cell(title)}**\n\n" if title else "", left_out=f"… more{rest}")


def _block(block: views.Block, left: str) -> Iterator[Piece]:
    match block:
        case views.Text():
            yield Piece([_line(block.line)])
        case views.Bullets():
            head = [f"{escape.cell(block.title)}:", ""] if block.title else []
            yield Piece([f"- {_line(item)}" for item in block.items], head, left_out=f"- {left}")
        case views.Notes():
            # GitHub draws them in colours.
            lines = [f"> - {_line(line)}" for line in block.lines]
            yield Piece(lines, [f"> [!{_ALERTS[block.level]}]"], left_out=f"> - {left}")
        case views.Table():
            yield from _table(block, left)
        case views.Bill():
            yield from _table(block.table(folded=True), left)
        case views.Values():
            rows = [[[Span(name, "code")], [Span(shown(block.items[name]), "code")]] for name in sorted(block.items)]
            yield from _table(views.Table(("output", "value"), rows), left)
        case views.Tree():
            yield _fenced(
                "text", [escape.clipped(f"{'  ' * depth}{_unbroken(line)}") for depth, line in block.rows], left
            )
        case views.Changes():
            yield _fenced("diff", ["\n".join(_entry(entry)) for entry in block.entries], left)


def _line(line: Line) -> str:
    return "".join(map(_span, spans(line)))


def _span(span: Span) -> str:
    text = escape.code(span.text) if span.mark == "code" else escape.cell(span.text)
    if span.link.startswith("https:"):
        text = f"[{text}]({span.link})"
    return f"**{text}**" if text and span.mark in ("bad", "strong") else text


def _table(table: views.Table, left: str) -> Iterator[Piece]:
    if table.caption:
        yield Piece([escape.cell(table.caption)])
    rows = [escape.row(map(_line, row)) for row in table.rows]
    total = [escape.row(_span(Span(plain(cell), "strong")) for cell in table.total)] if table.total else []
    more = escape.row([left, *[""] * (len(table.columns) - 1)])
    yield Piece(rows, list(escape.head([escape.cell(title) for title in table.columns], table.numeric)), total, more)


def _fenced(language: str, lines: Sequence[str], left: str) -> Piece:
    fence = escape.fence("\n".join(lines), 3)
    return Piece(lines, [f"{fence}{language}"], [fence], left)


def _unbroken(line: Line) -> str:
    return " ".join(plain(line).splitlines())


def _entry(entry: views.Entry) -> Iterator[str]:
    """Yield lines that GitHub colours by their first character, so a value a line."""
    # The engine's sign, but what is replaced is red.
    sign = "-/+" if entry.sign == "+-" else entry.sign
    yield _unbroken(f"{sign} {named(entry)}{entry.source and f'  {entry.source}'}")
    if entry.fate:
        yield f"    {entry.fate}"
    for change in entry.properties[:_PROPERTIES]:
        yield from _property(change)
    if (left := len(entry.properties) - _PROPERTIES) > 0:
        yield f"      … and {left} more of its properties"


def _property(change: views.Changed) -> Iterator[str]:
    if change.before is None and change.after is None:
        yield f"?     {described(change)}"
    if change.before is not None:
        yield f"-     {change.where}: {change.before}{noted(change) if change.after is None else ''}"
    if change.after is not None:
        yield f"+     {change.where}: {change.after}{noted(change)}"
