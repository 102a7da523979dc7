"""Text that never grows over a limit: lines are left out where they say least, and it is said how many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


def size(text: str) -> int:
    """Return a text's length as JavaScript counts it, which is never less than Python's."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@dataclass(frozen=True)
class Piece:
    """Lines between a head and a foot, of which only the first may be shown; an empty line ends it."""

    lines: Sequence[str]
    head: Sequence[str] = ()
    foot: Sequence[str] = ()
    left_out: str = "… and {} more"
    """The line that stands for what is left out, with ``{}`` for how many."""

    @property
    def length(self) -> int:
        """Its length if nothing is left out."""
        return size(self._text(self.lines))

    def fit(self, limit: int) -> str:
        """Return at most ``limit`` characters of it, with one line at least; else nothing."""
        if self.length <= limit:
            return self._text(self.lines)
        # Room for the longest number that may have to be said.
        room = limit - size(self._text([self.left_out.format(len(self.lines))]))
        shown = 0
        while (room := room - size(self.lines[shown]) - 1) >= 0:
            shown += 1
        return self._text([*self.lines[:shown], self.left_out.format(len(self.lines) - shown)]) if shown else ""

    def _text(self, lines: Sequence[str]) -> str:
        return "".join(f"{line}\n" for line in (*self.head, *lines, *self.foot, ""))


@dataclass(frozen=True)
class Pieces:
    """Several pieces between a head and a foot."""

    pieces: Sequence[Piece]
    head: str = ""
    foot: str = ""
    left_out: str = "… more"

    @property
    def length(self) -> int:
        """Its length if nothing is left out."""
        return size(self.head + self.foot) + sum(piece.length for piece in self.pieces)

    def fit(self, limit: int) -> str:
        """Return at most ``limit`` characters of it; of what is left out in whole, the head says that it is there."""
        room = limit - size(self.head + self.foot)
        body = "".join(share(self.pieces, room))
        if not body and size(self.left_out) + 2 <= room:
            body = f"{self.left_out}\n\n"
        return self.head + body + self.foot if body else ""


def share(blocks: Sequence[Piece | Pieces], limit: int) -> list[str]:
    """Return the blocks' texts, together no longer than ``limit``.

    Each gets an equal share of what is left; what a short one does not need goes to those after it.
    """
    # The shortest first, so that what they leave is there for the long ones.
    order = sorted(range(len(blocks)), key=lambda index: blocks[index].length)
    texts = [""] * len(blocks)
    for done, index in enumerate(order):
        texts[index] = blocks[index].fit(limit // (len(blocks) - done))
        limit -= size(texts[index])
    return texts
