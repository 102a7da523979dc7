"""What the clients of a move saw, in figures. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from berth.rehearse.moving.load import Answer
from berth.rehearse.moving.move import Move


@dataclass(frozen=True)
class Phase:
    """A time in which the weights stayed as they were; moments are of the monotonic clock."""

    name: str
    weights: Mapping[str, int]
    asked: float
    """When the proxy was about to be told."""
    begun: float
    """When it had been told."""


@dataclass(frozen=True)
class Row:
    """What was seen in one phase."""

    phase: Phase
    requests: int
    """That were sent in it."""
    failed: int
    p50: float
    """Seconds."""
    p99: float
    longest: float
    seen: Mapping[str, int]
    """Answers by berth, of the requests that began and ended while the weights were so."""

    @property
    def counted(self) -> int:
        """How many answers ``seen`` holds."""
        return sum(self.seen.values())


@dataclass(frozen=True)
class Second:
    """The second in which the fewest requests were answered, which is the slowest: each client waits for its answer."""

    at: int
    """Seconds since the first request."""
    answered: int
    longest: float
    """Longest time that one of them took, in seconds."""


@dataclass(frozen=True)
class Kill:
    """When the new berth was killed, and what it cost."""

    percent: int
    begun: float
    done: float
    noticed: float
    """When its target groups had it for unhealthy and the weights were back."""
    within: float
    """Seconds after which they have to, by their questions."""


@dataclass(frozen=True)
class Moved:
    """All that was seen of a move."""

    move: Move
    rows: Sequence[Row]
    slowest: Second | None
    """None where it took less than a second."""
    failures: Sequence[Answer]
    records: int
    """Records that were accepted and read back at the end."""
    lost: Sequence[Answer]
    """Those among them that did not come back."""
    answers: Sequence[Answer]
    kill: Kill | None = None

    @property
    def requests(self) -> int:
        """Requests of the move itself, without the reading back."""
        return sum(row.requests for row in self.rows)

    @property
    def in_flight(self) -> int:
        """Requests that were under way when the new berth was killed."""
        kill = self.kill
        return sum(one.sent < kill.begun <= one.done for one in self.answers) if kill else 0

    @property
    def cost(self) -> list[Answer]:
        """The failures that the kill explains: under way at that moment, or sent until it had to be known."""
        kill = self.kill
        if kill is None:
            return []
        return [one for one in self.failures if one.done >= kill.begun and one.sent <= kill.done + kill.within]

    @property
    def most_cost(self) -> int:
        """How many requests the kill may cost: those under way, and the berth's share until it had to be known."""
        kill = self.kill
        if kill is None:
            return 0
        sent = sum(kill.begun <= one.sent <= kill.done + kill.within for one in self.answers)
        return self.in_flight + math.ceil(sent * kill.percent / 100)


def figures(move: Move, phases: Sequence[Phase], answers: Sequence[Answer], kill: Kill | None = None) -> Moved:
    """Sort out what the clients saw.

    Args:
        move: What was asked.
        phases: In their order.
        answers: Of all requests, in any order.
        kill: The new berth's, if it was killed.
    """
    asked = sorted((one for one in answers if one.kind != "back"), key=lambda one: one.sent)
    back = [one for one in answers if one.kind == "back"]
    ends = [*(phase.asked for phase in phases[1:]), math.inf]
    begins = [-math.inf, *ends[:-1]]
    return Moved(
        move,
        [
            _row(phase, [one for one in asked if begin <= one.sent < end], end)
            for phase, begin, end in zip(phases, begins, ends, strict=True)
        ],
        slowest(asked),
        [one for one in asked if one.problem],
        len(back),
        [one for one in back if one.problem],
        asked,
        kill,
    )


def _row(phase: Phase, sent: Sequence[Answer], end: float) -> Row:
    times = sorted(one.seconds for one in sent)
    whole = [one for one in sent if one.who and one.sent >= phase.begun and one.done <= end]
    seen = Counter(str(one.who).rpartition(" at ")[2] for one in whole)
    return Row(
        phase,
        len(sent),
        sum(one.problem is not None for one in sent),
        percentile(times, 50),
        percentile(times, 99),
        times[-1] if times else 0.0,
        seen,
    )


def percentile(ordered: Sequence[float], percent: int) -> float:
    """Return the smallest of the values that so many percent of them do not exceed; 0 where there are none."""
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)] if ordered else 0.0


def slowest(answers: Sequence[Answer]) -> Second | None:
    """Return the second with the fewest answers, of those that are whole."""
    if not answers:
        return None
    begun, ended = min(one.sent for one in answers), max(one.done for one in answers)
    seconds: list[list[Answer]] = [[] for _ in range(int(ended - begun))]
    for one in answers:
        at = int(one.done - begun)
        if at < len(seconds):
            seconds[at].append(one)
    if not seconds:
        return None
    at = min(range(len(seconds)), key=lambda number: len(seconds[number]))
    return Second(at, len(seconds[at]), max((one.seconds for one in seconds[at]), default=0.0))
