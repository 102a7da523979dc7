"""What is asked of a rehearsed move, and whether a Plan has what it takes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from berth.errors import ConfigError
from berth.move.steps import STEPS, parse_steps, weights_at
from berth.rehearse.routes import Target

CLIENTS: Final = 8
REQUESTS: Final = 5000


@dataclass(frozen=True)
class Move:
    """A move of all services to one berth."""

    before: Mapping[str, int]
    """The weights that it starts from."""
    to: str
    steps: Sequence[int] = parse_steps(STEPS)
    """Percentages of the requests, rising to 100."""
    clients: int = CLIENTS
    """Requests at once at most."""
    requests: int = REQUESTS
    """How many are made at least, as many at each step."""
    stops: bool = True
    """Whether the berths that it leaves are stopped at its end."""
    kill_at: int | None = None
    """The step at which the new berth is killed."""

    @property
    def left(self) -> list[str]:
        """The berths that it leaves."""
        return [name for name, weight in self.before.items() if weight and name != self.to]

    @property
    def name(self) -> str:
        """What a table calls it."""
        return f"{' and '.join(self.left)} to {self.to}"

    @property
    def each(self) -> int:
        """How many requests are made at least before the first step, at each, and when the old berths have stopped."""
        return math.ceil(self.requests / (1 + len(self.steps) + self.stops))

    def weights(self, percent: int) -> dict[str, int]:
        """Return the weights of the berths at a step."""
        return weights_at(self.before, self.to, percent)


def check(move: Move, stack: str, targets: Sequence[Target]) -> None:
    """Refuse a move that cannot be rehearsed.

    Args:
        move: What is asked.
        stack: Name of the stack.
        targets: Every port of every mooring that is run here and that requests reach.

    Raises:
        ConfigError: Says what is not there.
    """
    if move.kill_at is not None and move.kill_at not in move.steps:
        raise ConfigError(
            f"--kill-at {move.kill_at}: it is none of the move's steps, {', '.join(map(str, move.steps))}.\n"
            f"Example: --kill-at {move.steps[0]}"
        )
    if not targets:
        raise ConfigError(f"{stack} has no web service, so there is nobody to ask during the move.")
    for backend in sorted({one.backend for one in targets}):
        there = {one.mooring.berth for one in targets if one.backend == backend}
        if missing := [berth for berth in (*move.left, move.to) if berth not in there]:
            raise ConfigError(f"Nothing on this machine runs {backend} at {' and '.join(missing)}.")
