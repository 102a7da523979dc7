"""Whether a move kept what is promised of it. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from berth.rehearse.checks import Check
from berth.rehearse.moving.figures import Moved
from berth.rehearse.moving.load import Answer

SURE: Final = 5
"""A share that should have given more answers than these has given one at least, whoever is not counted."""
REASONS: Final = 3
"""How many reasons of failures are shown."""


def judge(moved: Moved, services: int = 1) -> list[Check]:
    """Judge the requests, the shares of each step, the records, and what a kill cost.

    Args:
        moved: What was seen.
        services: How many ports of services share the requests, each with a turn of its own.
    """
    return [*_requests(moved), *_shares(moved, services), *_records(moved), *_kill(moved)]


def unhealthy(moved: Moved, phase: str) -> Check:
    """Judge a move that had to go back, because the new berth was not healthy any more."""
    return Check(
        moved.move.name,
        "health",
        f"{moved.move.to} stays healthy",
        f"unhealthy at {phase}, so the weights went back",
        kept=False,
        place=f"{moved.move.to} was unhealthy at {phase}, by its target groups' own questions",
    )


def _requests(moved: Moved) -> Iterator[Check]:
    explained = {id(one) for one in moved.cost}
    failed = [one for one in moved.failures if id(one) not in explained]
    yield Check(
        moved.move.name,
        "requests",
        "none fails" if moved.kill is None else "none fails otherwise",
        f"{len(failed):,} of {moved.requests:,} failed",
        kept=not failed,
        place=f"{len(failed):,} of {moved.requests:,} requests failed: {reasons(failed)}",
    )


def _shares(moved: Moved, services: int) -> Iterator[Check]:
    """Judge the new berth's share at each step; at the one at which it was killed it has none to keep."""
    berth, kill = moved.move.to, moved.kill
    rows = [row for row in moved.rows if kill is None or row.phase.weights[berth] != kill.percent]
    # Those that a phase began or ended with are not among the counted, and each service takes turns of its own.
    leeway = services + 2 * moved.move.clients
    wrong = []
    for row in rows:
        weight, seen = row.phase.weights[berth], row.seen.get(berth, 0)
        expected = row.counted * weight / sum(row.phase.weights.values())
        unlike = seen > 0 if weight == 0 else seen == 0 and expected > SURE
        if not row.counted or abs(seen - expected) > leeway or unlike:
            wrong.append(f"{seen} of {row.counted} at {row.phase.name}")
    yield Check(
        moved.move.name,
        f"{berth}'s share",
        ", ".join(f"{row.phase.weights[berth]}" for row in rows) + " %",
        ", ".join(f"{100 * row.seen.get(berth, 0) / max(1, row.counted):.1f}" for row in rows) + " %",
        kept=not wrong,
        place=f"{berth} answered {'; '.join(wrong)}",
    )


def _records(moved: Moved) -> Iterator[Check]:
    if moved.records:
        yield Check(
            moved.move.name,
            "records",
            "each accepted one is read back",
            f"{len(moved.lost):,} of {moved.records:,} lost",
            kept=not moved.lost,
            place=f"{len(moved.lost):,} of {moved.records:,} accepted records: {reasons(moved.lost)}",
        )


def _kill(moved: Moved) -> Iterator[Check]:
    kill = moved.kill
    if kill is None:
        return
    cost = moved.cost
    last = max((one.sent for one in cost), default=kill.begun) - kill.begun
    yield Check(
        moved.move.name,
        f"killed at {kill.percent} %",
        f"at most {moved.in_flight} under way, and its share of {kill.within:g} s",
        f"{len(cost):,} failed in {last:.1f} s",
        kept=len(cost) <= moved.most_cost,
        place=f"{len(cost):,} requests failed, and {moved.most_cost:,} were under way there or sent there until its"
        f" target groups had to know: {reasons(cost)}",
    )


def reasons(failures: Sequence[Answer]) -> str:
    """Return the most frequent reasons, each with its count."""
    counts = Counter(str(one.problem) for one in failures).most_common(REASONS)
    return "; ".join(f"{problem} ({count} times)" if count > 1 else problem for problem, count in counts)
