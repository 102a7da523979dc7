"""Log lines as text and as JSON, a line each. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from berth.live.log_lines import LogLine
from berth.live.place import Place


def as_text(places: Sequence[Place]) -> Callable[[LogLine], str]:
    """Return how lines of these places are written: with who wrote it, where several may have.

    The berth is named where the places are at several, the container where it is not the service's own.
    """
    berths = len({place.berth for place in places}) > 1
    several = len(places) > 1

    def written(line: LogLine) -> str:
        own = line.container in ("", line.place.service)
        who = line.place.service if several or not own else ""
        who += f"@{line.place.berth}" if berths else ""
        who += "" if own else f"/{line.container}"
        return " ".join(filter(None, (moment(line), who and f"{who} |", line.text)))

    return written


def as_json(line: LogLine) -> str:
    """Return a line as one JSON object."""
    return json.dumps(
        {
            "time": moment(line),
            "service": line.place.service,
            "berth": line.place.berth,
            "container": line.container,
            "instance": line.instance,
            "message": line.text,
        },
        ensure_ascii=False,
    )


def moment(line: LogLine) -> str:
    """Return a line's time: ``2026-11-25T08:00:00.123Z``."""
    return f"{line.time:%Y-%m-%dT%H:%M:%S}.{line.time.microsecond // 1000:03}Z"
