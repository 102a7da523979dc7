"""Log lines of the services, from CloudWatch Logs, where every berth keeps them."""

from __future__ import annotations

import heapq
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import sleep
from typing import Any, Final

from berth.live.aws import Aws
from berth.live.errors import AbsentError
from berth.live.place import Place

POLL_SECONDS: Final = 2.0
"""Between two looks for new lines: FilterLogEvents may be called 5 to 10 times a second in an account and region
(CloudWatch Logs quotas), and several people may look."""
LATE: Final = timedelta(seconds=30)
"""So much later than one that is newer a line may still come in, as each stream is sent by itself."""


@dataclass(frozen=True, order=True)
class LogLine:
    """One line that a container wrote."""

    time: datetime
    """In UTC, to the millisecond."""
    id: str
    """CloudWatch's own, unique."""
    place: Place = field(compare=False)
    container: str = field(compare=False)
    """Empty where it is not known."""
    instance: str = field(compare=False)
    """Id of the ECS task or the machine, or name of the pod; where none is known, the log stream."""
    text: str = field(compare=False)


def log_line(event: Mapping[str, Any], place: Place) -> LogLine:
    """Read an event of CloudWatch Logs. Pure.

    On ECS it is the line itself, and its stream is ``<prefix>/<container>/<task>``; a state machine's begins with
    ``states/``. On EKS it is OTLP's JSON: the line is the ``body``, and the attribute ``instance`` is
    ``<namespace>/<pod>:<container>``. On machines the stream is ``<container>/<instance>``; a function has streams of
    Lambda's own naming.
    """
    stream, text = str(event.get("logStreamName", "")), str(event.get("message", "")).rstrip("\r\n")
    container, instance = "", stream
    if place.orchestrator == "kubernetes":
        record = _record(text)
        attributes = record.get("attributes") if isinstance(record.get("attributes"), Mapping) else {}
        source = str((attributes or {}).get("instance", ""))
        if isinstance(record.get("body"), str):
            text = record["body"]
        if ":" in source:
            pod, container = source.rsplit(":", 1)
            instance = pod.rpartition("/")[2]
    elif place.orchestrator == "function":
        container = place.service
    elif place.orchestrator == "machines":
        container, _, instance = stream.partition("/")
    elif stream.count("/") == 2:
        _, container, instance = stream.split("/")
    else:
        container = stream.partition("/")[0]
    moment = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
    return LogLine(moment, str(event["eventId"]), place, container, instance, text)


def _record(text: str) -> dict[str, Any]:
    try:
        record = json.loads(text)
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}


def past_lines(aws: Aws, places: Sequence[Place], since: datetime, absent: Callable[[str], None]) -> Iterator[LogLine]:
    """Yield the lines of several places in the order of time, as they are read.

    Args:
        aws: who is asked.
        places: whose lines.
        since: the time of the first, in UTC.
        absent: is told of a place whose log group is not there.

    Raises:
        AbsentError: No place has a log group.
        LiveError: AWS cannot be asked.
    """
    yield from heapq.merge(*(_events(aws, place, since) for place in _present(aws, places, absent)))


def new_lines(
    aws: Aws,
    places: Sequence[Place],
    since: datetime,
    absent: Callable[[str], None],
    done: Callable[[], bool] = lambda: False,
) -> Iterator[LogLine]:
    """Yield the lines of several places as they come in, each once, until ``done`` says so before a look; see above."""
    seen: dict[str, datetime] = {}
    present, start = _present(aws, places, absent), since
    while True:
        last = done()
        found = [one for place in present for one in _events(aws, place, start) if one.id not in seen]
        for line in sorted(found):
            seen[line.id] = line.time
            yield line
        if last:
            return
        start = max([start, *(moment - LATE for moment in seen.values())])
        seen = {one: moment for one, moment in seen.items() if moment >= start}
        sleep(POLL_SECONDS)


def matching(lines: Iterable[LogLine], text: str) -> Iterator[LogLine]:
    """Yield the lines that hold a text. Not CloudWatch's filter: it takes an event's JSON for the line on EKS."""
    return (line for line in lines if text in line.text)


def _present(aws: Aws, places: Sequence[Place], absent: Callable[[str], None]) -> list[Place]:
    missing: list[AbsentError] = []
    present = []
    for place in places:
        try:
            aws.call("logs", "filter_log_events", logGroupName=place.log_group, limit=1)
            present.append(place)
        except AbsentError as error:
            missing.append(error)
            absent(f"{place} has no logs: the log group {place.log_group} is not there.")
    if not present:
        raise missing[0]
    return present


def _events(aws: Aws, place: Place, since: datetime) -> Iterator[LogLine]:
    """Yield a place's lines; FilterLogEvents answers in the order of time, in pages that may be empty."""
    arguments: dict[str, Any] = {"logGroupName": place.log_group, "startTime": int(since.timestamp() * 1000)}
    while True:
        page = aws.call("logs", "filter_log_events", **arguments)
        yield from sorted(log_line(event, place) for event in page["events"])
        if not page.get("nextToken"):
            return
        arguments["nextToken"] = page["nextToken"]
