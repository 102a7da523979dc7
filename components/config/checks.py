"""Which keys do not go together, and what must be there on the machine: each check is one function, in its own room.

A check names the keys it reads and runs only if none of them has a problem, so that one mistake is reported once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import BaseModel

from components.config.errors import ABSENT, Problem
from components.config.reading import Reading, value_at

T = TypeVar("T")


@dataclass(frozen=True)
class Case:
    """One stack to be judged."""

    settings: BaseModel
    """The settings, with defaults in place of what is broken."""
    reading: Reading[Any]
    """What was given, and what of it is broken."""
    root: Path
    """The folder of ``Pulumi.yaml``."""
    berths: Collection[str]
    """Names of the berths that the stack uses."""

    def at(self, path: str, kind: type[T]) -> T:
        """Return what the settings hold at a dotted path of the stack file, which is of a known kind.

        Raises:
            TypeError: it is of another kind: a mistake of the check.
        """
        value: Any = self.settings
        for part in path.split("."):
            fields = type(value).model_fields
            value = getattr(value, next(name for name, field in fields.items() if (field.alias or name) == part))
        if not isinstance(value, kind):
            raise TypeError(f"{path} is {type(value).__name__}, not {kind.__name__}")
        return value

    def items(self, short: str, path: str, keys: Iterable[str]) -> Iterator[tuple[str, Any]]:
        """Yield the named objects at a path, each with its own path, but for those in which one of the keys is broken.

        Args:
            short: the key that is the short form of one such object, e.g. ``service``.
            path: the key that holds them all, e.g. ``services``.
            keys: keys of the objects.
        """
        given = self.reading.given.get(path)
        several = isinstance(given, Mapping) and bool(given)
        for name, value in self.at(path, dict).items():
            place = f"{path}.{name}" if several else short
            if not any(self.reading.is_broken(f"{place}.{key}") for key in keys):
                yield place, value


Check = Callable[[Case], Iterator[Problem]]


@dataclass(frozen=True)
class _Registered:
    paths: tuple[str, ...]
    service: tuple[str, ...]
    berth: str | None
    function: Check


_CHECKS: Final[list[_Registered]] = []


def check(*paths: str, service: tuple[str, ...] = (), berth: str | None = None) -> Callable[[Check], Check]:
    """Register a check.

    Args:
        paths: the keys it reads.
        service: the keys it reads of each service.
        berth: the berth it is about; it runs only where that is in use.
    """

    def register(function: Check) -> Check:
        _CHECKS.append(_Registered(paths, service, berth, function))
        return function

    return register


def described_checks() -> list[tuple[tuple[str, ...], str]]:
    """Return for each check the keys it reads and what it is for, sorted by the keys."""
    return sorted(
        (
            (*one.paths, *(f"service.{key}" for key in one.service)),
            (f"On {one.berth}: " if one.berth else "") + (one.function.__doc__ or "").partition("\n\n")[0],
        )
        for one in _CHECKS
    )


def run_checks(case: Case) -> list[Problem]:
    """Return what is wrong between the keys."""
    runnable = (
        one.function
        for one in _CHECKS
        if not any(map(case.reading.is_broken, one.paths)) and (one.berth is None or one.berth in case.berths)
    )
    return [problem for function in runnable for problem in function(case)]


def ordered(case: Case, low: tuple[str, int], high: tuple[str, int]) -> Iterator[Problem]:
    """Report a minimum that is above its maximum; each is a path and what stands there."""
    if low[1] > high[1]:
        yield case.reading.problem(
            low[0],
            f"{low[1]} is above {high[0]}, which is {high[1]}.",
            given=low[1],
            allowed=f"at most {high[0]} ({high[1]}); or a larger {high[0]}",
            example=high[1],
        )


def does_nothing(case: Case, path: str, keys: Iterable[str], beside: str, why: str) -> Iterator[Problem]:
    """Report those of an object's keys that have no effect while ``beside`` is set; ``why`` is a phrase."""
    given = value_at(case.reading.given, path)
    for name in given if isinstance(given, Mapping) else ():
        if name in keys:
            yield case.reading.problem(
                f"{path}.{name}",
                f"With {beside} {why}, and this key would do nothing.",
                allowed=f"nothing beside {beside}",
                example=ABSENT,
            )


def stands_by_name(
    case: Case, weakness: str, meaning: str, path: str, *, is_open: bool, allowed: str, example: Any
) -> Iterator[Problem]:
    """Report a weakness that production refuses unless ``berth:accept`` names it.

    ``meaning`` says what it means, with the key in brackets; ``path`` is the key that closes it.
    """
    if is_open and case.at("production", bool) and weakness not in case.at("accept", list):
        yield case.reading.problem(
            path,
            f"berth:production is true, and {meaning.partition(' (')[0]}.",
            allowed=f"{allowed}; or berth:accept: [{weakness}]",
            example=example,
        )
