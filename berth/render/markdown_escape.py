"""GitHub-flavoured Markdown in which foreign text stays text: the one escape of every comment."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final

_CELL: Final = 1_000
"""Characters of one cell; a longer text is read in the page or on the terminal."""
_CODE_SPAN: Final = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)


def cell(text: str) -> str:
    """Return ``text`` for a table's cell or a paragraph: no markup but code in backticks, and nobody is notified.

    Entities are not read inside of code, so what stands in backticks is only kept from ending the cell.
    """
    text = clipped(text)
    # An escaped backtick would pair the others differently than here: then nothing is taken for code.
    spans = [] if "\\`" in text else list(_CODE_SPAN.finditer(text))
    parts: list[str] = []
    end = 0
    for span in spans:
        parts += [plain(text[end : span.start()]), _one_line(span[0])]
        end = span.end()
    return "".join([*parts, plain(text[end:])])


def plain(text: str) -> str:
    """Return ``text`` with all of its markup neutralised, backticks aside; for markup such as ``<summary>`` too."""
    text = clipped(text).replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|")
    return re.sub(r"\r\n?|\n", "<br>", text).replace("@", "@<!-- -->").replace("![", "!\\[")


def code(text: str) -> str:
    """Return a text as code inside a table's cell."""
    text = _one_line(clipped(text))
    marks = fence(text, 1)
    pad = " " if text[:1] in ("`", "") or text.endswith("`") else ""
    return f"{marks}{pad}{text}{pad}{marks}"


def fence(text: str, least: int) -> str:
    """Return backticks that nothing in ``text`` can end."""
    return "`" * max(least, 1 + max(map(len, re.findall("`+", text)), default=0))


def row(cells: Iterable[str]) -> str:
    """Return a table's row of cells that are escaped already."""
    return f"| {' | '.join(cells)} |"


def head(titles: Sequence[str], numeric: Collection[int] = ()) -> Iterator[str]:
    """Yield a table's first two lines; the columns in ``numeric`` are aligned to the right."""
    yield row(titles)
    yield row("---:" if column in numeric else "---" for column in range(len(titles)))


def clipped(text: str) -> str:
    """Return a text of which a cell can hold all."""
    return text if len(text) <= _CELL else f"{text[:_CELL]} …"


def _one_line(text: str) -> str:
    return " ".join(text.splitlines()).replace("|", "\\|")
