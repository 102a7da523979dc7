"""What a view shows, said once for every format: sections of a few kinds of blocks, all of plain text.

A renderer escapes, colours and lays out; a view only says what stands where.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from berth.plan import Value

Mark = Literal["", "ok", "warn", "bad", "muted", "code", "strong", "p-kubernetes", "p-docker", "p-random"]
"""How a text is meant; the last three are packages that have a colour of their own."""


@dataclass(frozen=True)
class Span:
    """A piece of text that is marked or leads somewhere."""

    text: str
    mark: Mark = ""
    link: str = ""
    """A URL, or a resource's URN, which a page turns into a link to its place there."""


Line = str | Sequence[str | Span]
"""Text, in whole or in pieces; what a plain piece has in backticks is code."""


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    line: Line
    mark: Mark = ""


@dataclass(frozen=True)
class Bullets:
    """A list under a title of its own."""

    title: str
    items: Sequence[Line]
    mark: Mark = ""


@dataclass(frozen=True)
class Notes:
    """What must not be overlooked."""

    level: Literal["info", "warning", "error"]
    lines: Sequence[Line]


@dataclass(frozen=True)
class Table:
    """Rows of cells."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Line]]
    numeric: frozenset[int] = frozenset()
    """Columns that are aligned to the right."""
    total: Sequence[Line] = ()
    """A last row that sums up."""
    caption: str = ""
    heads: int = 0
    """Where there is no room for columns of text, so many cells head a row and the others stand below; 0: never."""


@dataclass(frozen=True)
class Part:
    """A part of a bill, with its own sum."""

    title: str
    amount: str
    share: int
    """Percent of the whole."""
    rows: Sequence[Sequence[Line]]
    small: Sequence[Sequence[Line]] = ()
    """Rows of cents, folded away where a format can."""
    small_amount: str = ""


@dataclass(frozen=True)
class Bill:
    """Amounts under the parts that they belong to."""

    columns: Sequence[str]
    """Five: what, of what, how much, at what price, and the amount."""
    parts: Sequence[Part]
    total: str

    def table(self, *, folded: bool) -> Table:
        """Return it as one table; ``folded`` puts the rows of cents of a part into one."""
        rows: list[Sequence[Line]] = []
        for part in self.parts:
            rows.append([[Span(part.title, "strong")], "", "", "", [Span(part.amount, "strong")]])
            lines = [*part.rows, *([] if folded else part.small)]
            if folded and part.small:
                lines.append([f"{len(part.small)} lines below one dollar", "", "", "", part.small_amount])
            rows += [[["  ", *spans(line[0])], *line[1:]] for line in lines]
        return Table(self.columns, rows, frozenset({2, 3, 4}), ["Total", "", "", "", self.total])


@dataclass(frozen=True)
class Values:
    """Named values, secrets and unknowns among them, each written so that it can be copied."""

    items: Mapping[str, Value]


@dataclass(frozen=True)
class Tree:
    """Lines under each other: a depth, 0 for the outermost, and a text."""

    title: str
    rows: Sequence[tuple[int, Line]]


@dataclass(frozen=True)
class Changed:
    """One property that differs; None is a side that does not have it."""

    sign: str
    where: str
    before: str | None
    after: str | None
    notes: Sequence[str] = ()
    forces: bool = False
    """Whether it makes its resource be replaced."""


@dataclass(frozen=True)
class Entry:
    """One thing that differs, with its properties."""

    sign: str
    group: str
    """Title of those alike: ``2 replaced``."""
    mark: Mark
    kind: str
    name: str
    notes: Sequence[str] = ()
    loses: str = ""
    """The data that is lost with it."""
    source: str = ""
    fate: str = ""
    """What happens to it, where that is not plain."""
    properties: Sequence[Changed] = ()


@dataclass(frozen=True)
class Changes:
    """What differs, the dangerous first."""

    entries: Sequence[Entry]


@dataclass(frozen=True)
class Picture:
    """A drawing in SVG; only a page shows it, as an image, so that nothing in it can run."""

    svg: str
    label: str
    """What it shows, for who cannot see it."""


Block = Text | Bullets | Notes | Table | Bill | Values | Tree | Changes | Picture


@dataclass(frozen=True)
class Section:
    """One thing that a view has to say."""

    title: str
    blocks: Sequence[Block] = ()
    headline: str = ""
    """The section in a few words, such as ``143.20 USD a month``."""
    mark: Mark = ""
    """How the headline is meant."""
    folded: bool = False
    """Whether it is long: folded in a comment, and on a terminal above what must be seen without scrolling."""
    anchor: str = ""
    """Short name in a page, unique among its neighbours."""
    weight: int = 5
    """What a comment shortens first if it would be too long: the heaviest. At most 1: always at the top."""
    facts: Sequence[Span] = ()
    """What a stack's card says of it, the most important first."""
    problem: str = ""
    """Why something of it is missing: who has the report written should hear of it, too."""


def spans(line: Line) -> list[Span]:
    """Return a line's pieces."""
    pieces = [line] if isinstance(line, str) else line
    return [Span(piece) if isinstance(piece, str) else piece for piece in pieces]


def plain(line: Line) -> str:
    """Return a line without its marks."""
    return "".join(span.text for span in spans(line))


def named(entry: Entry) -> str:
    """Return what differs and what is to be said of it: ``rds.Instance db (was old) LOSES its databases``."""
    notes = [f"({note})" for note in entry.notes]
    return " ".join(filter(None, (entry.kind, entry.name, *notes, entry.loses and f"LOSES {entry.loses}")))


def described(change: Changed) -> str:
    """Return a change on one line: ``port: 8080 → 9090 (forces replacement)``."""
    sides = [side for side in (change.before, change.after) if side is not None]
    return f"{change.where}: {' → '.join(sides) or 'not known, may change'}{noted(change)}"


def noted(change: Changed) -> str:
    """Return what is to be said behind a change, in brackets, or nothing."""
    said = [*change.notes, *(["forces replacement"] if change.forces else [])]
    return f" ({'; '.join(said)})" if said else ""
