"""What a move will do, and what it did, as sections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from berth.cost.amounts import money
from berth.cost.estimator import Estimate, estimate
from berth.cost.pricelist import PriceError, load_prices, region_of
from berth.cost.times import longest_chain
from berth.difference.compare import difference
from berth.errors import ConfigError
from berth.live.status_view import length
from berth.move.course import Step
from berth.move.mover import Planned, Taken
from berth.plan import Plan, Resource
from berth.views.common import plural
from berth.views.section import Block, Bullets, Line, Section, Span, Table, Text

_SWITCH = (0.5, 1.0)
"""Minutes of an ``up`` that changes rules of the load balancer alone: the program, the preview and a few calls."""


@dataclass(frozen=True)
class Ahead:
    """One step that is to be taken."""

    step: Step
    plan: Plan
    low: float
    """Minutes, if all of it is fast."""
    high: float


def ahead(before: Plan, steps: Sequence[Step], planned: Planned, bake: timedelta) -> list[Ahead]:
    """Return what the steps do, from the Plan of what is there."""
    found = []
    last = before
    for step in steps:
        plan = planned(step.weights)
        low, high = _minutes(last, plan)
        baked = bake.total_seconds() / 60 if step.kind == "share" else 0
        found.append(Ahead(step, plan, low + baked, high + baked))
        last = plan
    return found


def _minutes(before: Plan, after: Plan) -> tuple[float, float]:
    """Return how long ``up`` takes: as long as what comes or goes; AWS takes about as long to delete as to create."""
    resources: list[Resource] = [
        one.resource for one in difference(before, after).resources if one.kind in ("create", "delete")
    ]
    chain = longest_chain(replace(after, resources=resources))
    return chain.low + _SWITCH[0], chain.high + _SWITCH[1]


def plan_sections(stack: str, to: str, before: Plan, steps: Sequence[Ahead]) -> list[Section]:
    """Return what a move will do: its steps, how long they take and what the overlap costs."""
    if not steps:
        return [Section(f"Move of {stack} to {to}", headline="nothing to do", mark="ok")]
    berths = sorted({name for one in steps for name in one.step.weights})
    jobs = any(mooring.kind == "job" for mooring in before.moorings)
    rows = [
        [
            _kind(one.step),
            *(str(one.step.weights.get(name, "-")) for name in berths),
            _range(one.low, one.high),
            *([_jobs_at(one.plan)] if jobs else []),
        ]
        for one in steps
    ]
    total = _range(sum(one.low for one in steps), sum(one.high for one in steps))
    heads = ["step", *berths, "minutes", *(["jobs by schedule"] if jobs else [])]
    numeric = frozenset(range(1, len(berths) + 2))
    sums = ["Total", *("" for _ in berths), total, *([""] if jobs else [])]
    return [
        Section(
            f"Move of {stack} to {to}",
            [Table(heads, rows, numeric, sums), *_cost(before, steps), *_said(to, before, steps)],
            headline=f"{plural(len(steps), 'step')}, {total} minutes",
        )
    ]


def _kind(step: Step) -> str:
    return {"create": "stand by", "share": f"{step.percent} %", "remove": "remove", "back": "go back"}[step.kind]


def _range(low: float, high: float) -> str:
    return f"{low:.0f}" if round(low) == round(high) else f"{low:.0f} to {high:.0f}"


def _jobs_at(plan: Plan) -> str:
    return next((one.berth for one in plan.moorings if one.kind == "job" and one.leads), "-")


def _cost(before: Plan, steps: Sequence[Ahead]) -> list[Block]:
    try:
        prices = load_prices(region_of(before))
    except (ConfigError, PriceError) as error:
        return [Text(f"Its price is not known: {error}", "warn")]
    now = estimate(before, prices)
    during = [estimate(one.plan, prices) for one in steps]
    highest = max(one.total for one in during)
    # What a step makes costs from its beginning, and what it takes away until its end.
    dearer = [max(one.total, last.total) for one, last in zip(during, [now, *during], strict=False)]
    hours = [Decimal(one.high) / 60 for one in steps]
    overlap = sum((total - now.total) * time for total, time in zip(dearer, hours, strict=True)) / now.usage.hours
    lacks = "" if all(one.complete for one in (now, *during)) else " Some of it has no price (`berth cost`)."
    return [
        Text(
            f"A month costs {_usd(now)} before the move, {_usd(during[-1])} after it, and {money(highest)} USD while"
            f" both stand. The overlap of this move costs {money(Decimal(overlap))} USD at most.{lacks}"
        )
    ]


def _usd(result: Estimate) -> str:
    return f"{money(result.total)} USD"


def _said(to: str, before: Plan, steps: Sequence[Ahead]) -> list[Block]:
    """Return what a reader should know before it begins."""
    last = steps[-1]
    items: list[Line] = []
    if workers := sorted({one.service for one in before.moorings if one.kind == "worker"}):
        items.append(
            f"{', '.join(workers)}: a worker takes its work itself, so it works at both berths while both stand,"
            " whatever the shares are."
        )
    lost = [one for one in difference(steps[-2].plan if len(steps) > 1 else before, last.plan).resources if one.loses]
    items += [f"{one.resource.name} goes at the end, with {one.loses}." for one in lost]
    there = {limit.what for host in before.hosts if host.berth != to for limit in host.limits}
    limits = next((host.limits for host in last.plan.hosts if host.berth == to), ())
    new = [f"{limit.what}: {limit.instead}" for limit in limits if limit.what not in there]
    blocks = [Bullets("To know", items), Bullets(f"What {to} cannot do, and what is done about it", new)]
    return [block for block in blocks if block.items]


def summary(stack: str, to: str, taken: Sequence[Taken]) -> Section:
    """Return what a move did, for a pull request or the end of a log."""
    failed = next((one for one in taken if one.failed), None)
    ended = all(one.done for one in taken)
    rows: list[list[Line]] = [
        [_kind(one.step), _weights(one.step), _length(one.up_seconds), _length(one.bake_seconds), [_result(one)]]
        for one in taken
    ]
    state = _weights(taken[-1].step)
    blocks: list[Block] = [Table(["step", "weights", "up", "watched", ""], rows, frozenset({2, 3}))]
    if failed:
        blocks.append(Bullets(f"Why it failed at {_kind(failed.step)}", failed.failed.splitlines(), "bad"))
    return Section(
        f"Move of {stack} to {to}",
        blocks,
        headline=f"{'done' if ended else 'failed' if failed else 'interrupted'}; the stack file says {state}",
        mark="ok" if ended else "",
    )


def _weights(step: Step) -> str:
    return ", ".join(f"{name} {weight}" for name, weight in step.weights.items())


def _result(one: Taken) -> Span:
    return Span("failed", "bad") if one.failed else Span("well", "ok") if one.done else Span("interrupted", "warn")


def _length(seconds: float) -> str:
    return length(timedelta(seconds=round(seconds))) if seconds else "-"
