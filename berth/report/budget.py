"""Text that never grows over a limit: blocks of lines, shortened where they say least."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice


def size(text: str) -> int:
    """Return a text's length as JavaScript counts it, which is never less than Python's."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@dataclass(frozen=True)
class Block:
    """Lines between a head and a foot, of which only the first may be shown."""

    head: str
    lines: Sequence[str]
    foot: str
    left_out: str
    """The line that stands for what is left out, with ``{}`` for how many."""
    whole: bool = False
    """Whether it is shown in whole or not at all, since a part of it may be broken markup."""

    def fit(self, limit: int) -> str:
        """Return as much as fits ``limit`` characters, all of it ended by a line end; nothing if that is too little."""
        if not self.lines:
            return ""
        frame = size(self.head) + size(self.foot) + 2
        lengths = [size(line) + 1 for line in self.lines]
        if frame + sum(lengths) <= limit:
            return self._text(self.lines)
        # Room for the longest number that may have to be said.
        room = limit - frame - size(self.left_out.format(len(lengths))) - 1
        shown = 0
        while not self.whole and shown < len(lengths) and lengths[shown] <= room:
            room -= lengths[shown]
            shown += 1
        # Of what cannot be cut, its heading still says that it is there.
        if room < 0 or not (shown or self.whole):
            return ""
        return self._text([*islice(self.lines, shown), self.left_out.format(len(lengths) - shown)])

    def _text(self, lines: Iterable[str]) -> str:
        return "".join(f"{line}\n" for line in (self.head, *lines, self.foot))


def share(blocks: Sequence[Block], limit: int) -> list[str]:
    """Return the blocks' texts, together no longer than ``limit``.

    Each gets an equal share of what is left; what a short one does not need goes to those after it.
    """
    # The shortest first, so that what they leave is there for the long ones.
    order = sorted(range(len(blocks)), key=lambda index: sum(map(len, blocks[index].lines)))
    texts = [""] * len(blocks)
    for done, index in enumerate(order):
        texts[index] = blocks[index].fit(limit // (len(blocks) - done))
        limit -= size(texts[index])
    return texts
