"""When a job runs: from CloudWatch's and Copilot's notations to five fields, where these say exactly the same. Pure."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, Final

from berth.importing.table import NotCarried
from berth.importing.values import seconds, text

_NAMED: Final = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_SECONDS: Final = {"minute": 60, "hour": 3600, "day": 86400}
_DAYS: Final = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


def five_fields(value: Any) -> str | None:
    """Return a schedule as minute, hour, day of month, month, day of week; None for ``none``, which never runs.

    Raises:
        NotCarried: five fields do not say exactly the same.
    """
    given = text(value).strip()
    if given == "none":
        return None
    if given in _NAMED:
        return _NAMED[given]
    if given.startswith("@every "):
        return _every(seconds(given.removeprefix("@every ").strip()))
    if match := re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", given):
        return _every(int(Decimal(match[1])) * _SECONDS[match[2]])
    if match := re.fullmatch(r"cron\((.*)\)", given):
        return _cloudwatch(match[1].split())
    if len(fields := given.split()) == 5:
        return " ".join(fields).replace("?", "*")
    raise NotCarried("It is no schedule that is known here.", 'five fields: schedule: "0 3 * * *"')


def _every(period: int) -> str:
    """Return a period of seconds, which five fields say only if it divides an hour or a day."""
    minutes = period // 60
    if period and period % 60 == 0:
        if minutes == 1:
            return "* * * * *"
        if minutes < 60 and 60 % minutes == 0:
            return f"*/{minutes} * * * *"
        if minutes % 60 == 0 and minutes // 60 <= 24 and 24 % (minutes // 60) == 0:
            hours = minutes // 60
            return "0 * * * *" if hours == 1 else "0 0 * * *" if hours == 24 else f"0 */{hours} * * *"
    raise NotCarried(
        "Five fields have no such period: it divides neither an hour nor a day.",
        'the nearest that does, or times: schedule: "0 0,7,14,21 * * *"',
    )


def _cloudwatch(fields: list[str]) -> str:
    if len(fields) != 6:
        raise NotCarried("cron(...) has six fields.", "minute hour day month weekday year")
    minute, hour, day, month, weekday, year = fields
    if year != "*":
        raise NotCarried("Five fields know no year.", "leave the year open, or start the job by hand: berth run")
    if any(sign in field for field in (day, weekday) for sign in "LW#"):
        raise NotCarried("L, W and # are not in five fields.", "a day of the month, or a day of the week")
    return " ".join((minute, hour, day.replace("?", "*"), month, _weekday(weekday.replace("?", "*"))))


def _weekday(field: str) -> str:
    """Return CloudWatch's day of the week, 1 for Sunday, by names, which everybody counts alike."""
    base, slash, step = field.partition("/")
    named = re.sub(r"\d+", lambda match: _DAYS[int(match[0]) - 1] if 1 <= int(match[0]) <= 7 else match[0], base)
    return f"{named}{slash}{step}"
