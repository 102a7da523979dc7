"""Sections on a terminal, drawn by rich."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text as Drawn
from rich.tree import Tree as Branch

from berth.views import section as views
from berth.views.section import Line, Section, Span, described, named, spans
from berth.views.values import shown

# Yellow and red are those of findings: no package has them.
_STYLES: Final[Mapping[str, str]] = {
    "ok": "green",
    "warn": "yellow",
    "bad": "bold red",
    "muted": "dim",
    "strong": "bold",
    "p-kubernetes": "blue",
    "p-docker": "cyan",
    "p-random": "magenta",
}
_LEVELS: Final = {"info": "", "warning": "yellow", "error": "bold red"}
_SIGNS: Final = {"+": "green", "-": "red", "+-": "bold magenta", "~": "yellow", "?": "cyan", ">": "blue"}
_MARKS: Final = {"ok": "✓ ", "warn": "! ", "bad": "✗ "}


def console() -> Console:
    """Return where a command draws."""
    # A log has no width: wide enough for a message, and rich honours COLUMNS before this.
    return Console(highlight=False, width=None if sys.stdout.isatty() else 120)


def show(sections: Sequence[Section], *, folded: bool = True) -> None:
    """Print sections; ``folded`` says whether to print those that a comment folds away."""
    # What is too long for the terminal is wrapped by it, so that a command or a URL can be copied.
    console().print(drawn([one for one in sections if folded or not one.folded]), crop=False)


def drawn(sections: Sequence[Section]) -> RenderableType:
    """Return sections: the weightiest facts, then what is long, and last what must be seen without scrolling."""
    lines: list[RenderableType] = []
    for section in sorted(sections, key=lambda one: (one.weight > 1, not one.folded)):
        apart = lines and section.blocks
        lines += [Drawn(), *_section(section)] if apart else _section(section)
    return Group(*lines)


def _section(section: Section) -> list[RenderableType]:
    lines = [part for block in section.blocks for part in _block(block)]
    if section.folded:
        return [*lines, Drawn(), Drawn(section.headline, style="bold")] if section.headline else lines
    if not section.title:
        return lines
    head = Drawn.assemble((_MARKS["ok"] if section.mark == "ok" else "", "bold green"))
    head.append(section.title if not section.headline else f"{section.title}: ", style="bold")
    head.append(section.headline)
    return [head, *lines]


def _block(block: views.Block) -> Iterator[RenderableType]:
    match block:
        case views.Text():
            yield _text(block.line, _STYLES.get(block.mark, ""))
        case views.Bullets():
            yield from [Drawn(), Drawn(block.title, style="bold")] if block.title else []
            yield from (_below(("- ", *spans(item)), 2, _STYLES.get(block.mark, "")) for item in block.items)
        case views.Notes():
            head = "" if block.level == "error" else f"{block.level}: "
            yield from (_text(line, _LEVELS[block.level], head) for line in block.lines)
        case views.Table():
            yield from _stacked(block) if block.heads else [_grid(block)]
        case views.Bill():
            yield _grid(block.table(folded=False))
        case views.Values():
            width = max(map(len, block.items), default=0)
            for name in sorted(block.items):
                value = block.items[name]
                yield Drawn(f"  {name.ljust(width)}  {shown(value)}", no_wrap=True, overflow="ignore")
        case views.Tree():
            yield _tree(block)
        case views.Changes():
            yield from (part for entry in block.entries for part in _entry(entry))


def _text(line: Line, style: str = "", head: str = "") -> Drawn:
    text = Drawn(head, style=style, overflow="fold")
    for span in spans(line):
        link = f"link {span.link}" if span.link.startswith("https:") else ""
        text.append(span.text, style=f"{_STYLES.get(span.mark, '')} {link}".strip())
    return text


def _below(line: Line, depth: int, style: str = "") -> RenderableType:
    # Padding, so that a folded line stays below its own beginning.
    return Padding(_text(line, style), (0, 0, 0, depth), expand=False)


def _stacked(table: views.Table) -> Iterator[RenderableType]:
    for row in table.rows:
        first = spans(row[0])
        sign = Span(_MARKS.get(first[0].mark, ""), first[0].mark)
        more = [piece for cell in row[1 : table.heads] for piece in (Span("  "), *spans(cell))]
        yield _below((sign, *first, *more), 2)
        yield from (_below([_beside(piece) for piece in spans(cell)], 6) for cell in row[table.heads :])


def _beside(piece: Span) -> Span:
    """Put beside each other what a narrow cell has below each other."""
    return Span("  ") if piece.text == "\n" else piece


def _grid(table: views.Table) -> Grid:
    grid = Grid(box=box.SIMPLE_HEAD, pad_edge=False, title=table.caption or None, title_justify="left")
    for column, title in enumerate(table.columns):
        right = column in table.numeric
        grid.add_column(Drawn(title), justify="right" if right else "left", no_wrap=right, overflow="fold")
    for row in table.rows:
        grid.add_row(*map(_cell, row))
    if table.total:
        grid.add_section()
        grid.add_row(*(_text(cell, "bold") for cell in table.total))
    return grid


def _cell(line: Line) -> RenderableType:
    first, *rest = spans(line)
    # As a space, an indentation would hold for the first line only of what is folded.
    return Padding(_text(rest), (0, 0, 0, 2)) if first.text == "  " else _text(line)


def _tree(tree: views.Tree) -> Branch:
    branches = [Branch(Drawn(tree.title, style="bold"), guide_style="dim")]
    for depth, line in tree.rows:
        del branches[depth + 1 :]
        branches.append(branches[depth].add(_text(line)))
    return branches[0]


def _entry(entry: views.Entry) -> Iterator[RenderableType]:
    style = "bold red" if entry.loses else ""
    sign = entry.sign.ljust(3), style or _SIGNS[entry.sign]
    head = Drawn.assemble(sign, (named(entry), style), overflow="fold")
    yield head.append(f"  {entry.source}" if entry.source else "", style="dim")
    if entry.fate:
        yield _below(entry.fate, 6, "dim")
    yield from (_property(change) for change in entry.properties)


def _property(change: views.Changed) -> RenderableType:
    text = Drawn.assemble((change.sign, _SIGNS[change.sign]), " ", described(change), overflow="fold")
    return Padding(text, (0, 0, 0, 6), expand=False)
