"""Times that come again: cron's five fields, which Kubernetes takes nearly as they are and EventBridge in its own way.

What the two understand differently is refused: ``L``, ``W`` and ``#`` (EventBridge alone), ``@daily`` (Kubernetes
alone), and a day of the month beside a day of the week (either of them in cron, impossible in EventBridge). Sources:
the Kubernetes documentation, "CronJob", and the EventBridge Scheduler user guide, "Cron-based schedules".
"""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from components.config.keys import Rule, nearest

_MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS: Final = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
# Name, lowest and highest number, and the names that stand for the numbers from the lowest on.
_FIELDS: Final = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of the month", 1, 31, ()),
    ("month", 1, 12, _MONTHS),
    ("day of the week", 0, 7, _DAYS),
)
_PART: Final = re.compile(r"(?:\*|([0-9A-Za-z]+)(?:-([0-9A-Za-z]+))?)(?:/([0-9]+))?")


def _number(word: str, lowest: int, names: tuple[str, ...]) -> int | None:
    if word.isdigit():
        return int(word)
    return names.index(word.upper()) + lowest if word.upper() in names else None


def _values(text: str, index: int) -> list[int]:
    """Return the numbers that a field means.

    Raises:
        ValueError: it is not formed as one; the text is a sentence.
    """
    name, lowest, highest, names = _FIELDS[index]
    found: list[int] = []
    for part in text.split(","):
        match = _PART.fullmatch(part)
        if not match:
            raise ValueError(f'"{part}" is no {name}.')
        first, last, step = match.groups()
        begin = lowest if first is None else _number(first, lowest, names)
        # Without an end, a step goes on to the highest, and a number stands for itself.
        end = _number(last, lowest, names) if last else highest if first is None or step else begin
        if begin is None or end is None or not lowest <= begin <= end <= highest or step == "0":
            raise ValueError(f'"{part}" is no {name}, which goes from {lowest} to {highest}.')
        if first is None and name == "day of the week":
            end = 6  # 7 is Sunday once more
        found += range(begin, end + 1, int(step or 1))
    return found


def _cron_problems(text: str) -> Iterator[str]:
    fields = text.split()
    if len(fields) != len(_FIELDS):
        yield f'"{text}" has {len(fields)} fields, not 5.'
        return
    for index, field in enumerate(fields):
        try:
            _values(field, index)
        except ValueError as error:
            yield str(error)
    if fields[2] != "*" and fields[4] != "*":
        yield "It names a day of the month and one of the week, which cron takes for either, and EventBridge refuses."


cron: Final = Rule(
    "five fields of cron: minute, hour, day of the month, month, day of the week; numbers, lists, ranges and steps, "
    "month and day by their first three letters, and one of the two days is *",
    _cron_problems,
)


def _zone_problems(name: str) -> Iterator[str]:
    known = zoneinfo.available_timezones()  # empty where the machine has no database of them
    if not re.fullmatch(r"[A-Za-z0-9_+/-]{1,50}", name) or (known and name not in known):
        close = nearest(name, known)
        yield f'"{name}" is no time zone' + (f"; did you mean {close}?" if close else ".")


time_zone: Final = Rule("a time zone by its name in the IANA database", _zone_problems)


def times_a_month(text: str) -> Decimal:
    """Return how often five fields of cron come in an average month of a year; days 29 to 31 count in every month."""
    numbers = [{one % 7 if at == 4 else one for one in _values(field, at)} for at, field in enumerate(text.split())]
    minutes, hours, days, months, weekdays = map(len, numbers)
    a_month = Decimal(days) if text.split()[2] != "*" else Decimal(365) / 12 * weekdays / 7
    return minutes * hours * a_month * months / 12


def kubernetes_cron(text: str) -> str:
    """Return five fields of cron as a CronJob takes them, to whom Sunday is 0 and never 7."""
    *others, weekday = text.split()
    if "7" in re.findall(r"(?<!/)\d+", weekday):
        weekday = ",".join(str(one) for one in sorted({one % 7 for one in _values(weekday, 4)}))
    return " ".join((*others, weekday))


def eventbridge_cron(text: str) -> str:
    """Return five fields of cron as EventBridge's expression, e.g. ``cron(0 3 ? * MON,TUE *)`` for ``0 3 * * 1-2``.

    EventBridge counts days of the week from 1, so they are named; one of the two days must be ``?``; a step begins with
    a number.
    """
    minute, hour, day, month, weekday = text.split()
    numbers = [_spelled(field, index) for index, field in enumerate((minute, hour, day, month))]
    if weekday != "*":
        numbers[2], days = "?", ",".join(dict.fromkeys(_DAYS[one % 7] for one in _values(weekday, 4)))
    else:
        days = "?"
    return f"cron({' '.join(numbers)} {days} *)"


def _spelled(field: str, index: int) -> str:
    """Return a field with its numbers written out, unless EventBridge reads it as it is."""
    lowest = _FIELDS[index][1]
    if field == "*":
        return field
    if step := re.fullmatch(r"\*/(\d+)", field):
        return f"{lowest}/{step[1]}"
    return ",".join(str(one) for one in sorted(set(_values(field, index))))
