"""The state of services, as a section and as data. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final

from berth.live.status import JobRun, Status, problems
from berth.views.common import plural
from berth.views.section import Block, Bullets, Line, Mark, Section, Span, Table

_SERVICES: Final = ("Service", "Berth", "Requests", "Running", "Deployment", "Image", "Targets")
_JOBS: Final = ("Job", "Berth", "Schedule", "Last run", "Before")
_RESULTS: Final[Mapping[str, Mark]] = {"succeeded": "ok", "failed": "bad", "running": "warn"}


def section(stack: str, statuses: Sequence[Status], now: datetime) -> Section:
    """Return the state of services and jobs; ``now`` is what their ages are counted from."""
    sick = [one for one in statuses if problems(one)]
    services = [one for one in statuses if one.place.kind != "job"]
    jobs = [one for one in statuses if one.place.kind == "job"]
    blocks: list[Block] = []
    if services:
        blocks.append(Table(_SERVICES, [_service(one, now) for one in services]))
    if jobs:
        blocks.append(Table(_JOBS, [_job(one, now) for one in jobs]))
    blocks += [Bullets(str(one.place), [*problems(one), *one.events], "bad") for one in sick]
    verdict = f"{len(sick)} of {len(statuses)} not well" if sick else "all well"
    return Section(f"Status of {stack}", blocks, verdict, "bad" if sick else "ok")


def _name(status: Status) -> Line:
    return [Span(status.place.service, "bad" if problems(status) else "ok")]


def _service(status: Status, now: datetime) -> list[Line]:
    place, deployment = status.place, status.deployment
    if not status.present:
        return [_name(status), place.berth, "", [Span("not there", "bad")], "", "", ""]
    share = "" if place.kind != "web" or place.share is None else f"{place.share:.3g} %"
    starting = f", {status.pending} starting" if status.pending else ""
    running = "on demand" if place.orchestrator == "function" else f"{status.running} of {status.desired}{starting}"
    state: str = deployment.state if deployment else ""
    state += f", {length(now - deployment.since)} old" if deployment and deployment.since else ""
    health = Counter(one.state for one in status.targets)
    targets = ", ".join(f"{count} {state}" for state, count in sorted(health.items()))
    none = "none" if place.kind == "web" else ""
    return [_name(status), place.berth, share, running, state, deployment.image if deployment else "", targets or none]


def _job(status: Status, now: datetime) -> list[Line]:
    if not status.present:
        return [_name(status), status.place.berth, [Span("not there", "bad")], "", ""]
    last: Line = _ran(status.runs[0], now) if status.runs else [Span("never", "muted")]
    earlier: list[str | Span] = []
    for one in status.runs[1:]:
        earlier += [Span(one.result, _RESULTS[one.result]), " "]
    return [_name(status), status.place.berth, status.schedule or "on demand only", last, earlier or ""]


def _ran(run: JobRun, now: datetime) -> list[str | Span]:
    began = f" {length(now - run.started)} ago" if run.started else ""
    took = f", took {length(run.ended - run.started)}" if run.ended and run.started else ""
    return [Span(run.result, _RESULTS[run.result]), began + took]


def length(time: timedelta) -> str:
    """Return a time in its largest unit of which there are two at least: ``90 seconds``, ``3 hours``."""
    seconds = max(round(time.total_seconds()), 0)
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= 2 * size:
            return plural(seconds // size, unit)
    return plural(seconds, "second")


def document(stack: str, statuses: Sequence[Status]) -> dict[str, Any]:
    """Return the state for other programs; times are ISO 8601."""
    return {
        "stack": stack,
        "healthy": not any(problems(one) for one in statuses),
        "services": [_document(one) for one in statuses],
    }


def _document(status: Status) -> dict[str, Any]:
    place = status.place
    names = {"service": place.service, "berth": place.berth, "kind": place.kind, "weight": place.weight}
    known = {key: value for key, value in asdict(status).items() if key != "place"}
    return {**names, "problems": problems(status), **known}
