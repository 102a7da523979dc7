"""What the user sees: progress while it runs, and one table when it is done."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from rich.console import Console
from rich.markup import escape
from rich.status import Status
from rich.table import Table

from berth.rehearse.checks import Check
from berth.rehearse.moving.figures import Moved


@dataclass
class Timing:
    """How long one step took, and what came of it."""

    step: str
    seconds: float = 0.0
    note: str = ""


@dataclass(frozen=True)
class Rehearsal:
    """What came of a rehearsal."""

    stack: str
    checks: tuple[Check, ...]
    record: tuple[str, ...] | None
    """What differs in the record that was read back; None if no record was posted."""
    timings: tuple[Timing, ...]
    not_rehearsed: tuple[str, ...]
    left_out: tuple[str, ...] = ()
    """Workloads of the Plan that were not run at all, e.g. ``DaemonSet logs``."""
    notes: tuple[str, ...] = ()
    url: str | None = None
    """Where the service still answers; only if it was to be kept."""
    moves: tuple[Moved, ...] = ()
    """What was seen of each move that was rehearsed."""
    problems: tuple[str, ...] = field(default_factory=tuple)
    """Failures that are no promise of a container's, one message each."""

    @property
    def ok(self) -> bool:
        """Whether everything is as promised."""
        return not self.record and not self.problems and all(check.kept for check in self.checks)

    @property
    def broken(self) -> list[str]:
        """What is not as promised, one line each."""
        lines = [f"{check.container}: {check.promise}: {check.place}" for check in self.checks if not check.kept]
        return [*lines, *(f"record: {line}" for line in self.record or ()), *self.problems]


class Progress:
    """Tells the user what is happening: a live line on a terminal, plain lines elsewhere."""

    def __init__(self, console: Console) -> None:
        """Keep the console.

        Args:
            console: Where everything is written.
        """
        self._console = console
        self._status: Status | None = None
        self._step = ""
        self.timings: list[Timing] = []

    @contextlib.contextmanager
    def step(self, text: str) -> Iterator[Timing]:
        """Show a step while its block runs, and note how long it took."""
        timing = Timing(text)
        self._step = text
        started = time.monotonic()
        if self._console.is_terminal:
            self._status = self._console.status(f"{escape(text)} …")
            self._status.start()
        else:
            self._console.print(escape(f"{text} ..."), highlight=False)
        try:
            yield timing
        finally:
            timing.seconds = time.monotonic() - started
            self.timings.append(timing)
            if self._status:
                self._status.stop()
                self._status = None
        note = f": {timing.note}" if timing.note else ""
        mark = "[green]✓[/]" if self._console.is_terminal else " "
        self._console.print(f"{mark} {escape(text + note)} [dim]{timing.seconds:.1f} s[/]", highlight=False)

    def say(self, text: str) -> None:
        """Tell more about the step under way."""
        if self._status:
            self._status.update(f"{escape(self._step)} … [dim]{escape(text)}[/]")
        elif self._console.is_terminal:
            self._console.print(f"[dim]{escape(text)}[/]", highlight=False)
        else:
            self._console.print(escape(f"  {text}"), highlight=False)


def show(rehearsal: Rehearsal, console: Console) -> None:
    """Print the summary."""
    console.print()
    console.print(_checks(rehearsal))
    for moved in rehearsal.moves:
        console.print(_move(moved))
        if second := moved.slowest:
            console.print(
                f"The slowest second is number {second.at + 1}: {second.answered:,} answers, the longest after "
                f"{_milliseconds(second.longest)}",
                highlight=False,
            )
    if rehearsal.record == ():
        console.print("[green]✓[/] the sample record came back as it was sent, key for key", highlight=False)
    steps = ", ".join(f"{timing.step} {timing.seconds:.1f} s" for timing in rehearsal.timings)
    total = sum(timing.seconds for timing in rehearsal.timings)
    console.print(escape(f"Times: {steps}; {total:.1f} s in all"), highlight=False, style="dim")
    for note in rehearsal.notes:
        console.print(escape(f"Note: {note}"), highlight=False, style="dim")
    if rehearsal.not_rehearsed:
        console.print("Not rehearsed:", highlight=False, style="dim")
        for reason, places in by_reason(rehearsal.not_rehearsed).items():
            console.print(escape(f"  {reason}: {', '.join(places)}"), highlight=False, style="dim")
    for line in rehearsal.broken:
        console.print(f"[red]✗[/] {escape(line)}", highlight=False, soft_wrap=True)
    left = escape(", ".join(rehearsal.left_out))
    if not rehearsal.ok:
        verdict = "[red]The rehearsal failed.[/]"
    elif left:
        verdict = f"[yellow]What was rehearsed went well. Workloads that were not run: {left}.[/]"
    else:
        verdict = "[green]The rehearsal went well.[/]"
    console.print(verdict, highlight=False, soft_wrap=True)
    if rehearsal.url:
        console.print(
            escape(f"Left up at {rehearsal.url}; remove it: berth rehearse {rehearsal.stack} --clean"),
            highlight=False,
            soft_wrap=True,
        )


def by_reason(lines: Iterable[str]) -> dict[str, list[str]]:
    """Group what was left out, ``place: reason``, by its reason."""
    groups: dict[str, list[str]] = {}
    for line in lines:
        place, _, reason = line.rpartition(": ")
        groups.setdefault(reason, []).append(place)
    return groups


def _checks(rehearsal: Rehearsal) -> Table:
    """Draw one row a promise."""
    table = Table(title=f"Rehearsal of {escape(rehearsal.stack)}, seen from outside", title_justify="left")
    for heading in ("container", "promise", "promised", "seen", ""):
        table.add_column(heading)
    for check in rehearsal.checks:
        cells = (check.container, check.promise, check.promised, check.seen)
        mark = "[dim]-[/]" if not check.binding else "[green]✓[/]" if check.kept else "[red]✗[/]"
        table.add_row(*(escape(str(cell)) for cell in cells), mark)
    return table


def _move(moved: Moved) -> Table:
    """Draw one row a step."""
    move = moved.move
    table = Table(
        title=f"Move from {escape(move.name)}: {moved.requests:,} requests of {move.clients} clients, "
        f"{len(moved.failures):,} failed",
        title_justify="left",
    )
    table.add_column("step")
    for heading in ("requests", "failed", "p50", "p99", "longest"):
        table.add_column(heading, justify="right")
    table.add_column("answered by")
    for row in moved.rows:
        shares = ", ".join(f"{berth} {100 * count / row.counted:.1f} %" for berth, count in sorted(row.seen.items()))
        times = (_milliseconds(seconds) for seconds in (row.p50, row.p99, row.longest))
        table.add_row(row.phase.name, f"{row.requests:,}", f"{row.failed:,}", *times, shares)
    return table


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms"
