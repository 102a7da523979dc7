"""What the policy tests share: judging one resource, and editing inputs by path."""

from __future__ import annotations

import copy
import re
import time
import timeit
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from policy.judge import Violation, judge
from policy.rules.registry import RULES
from policy.rules.rule import Level
from policy.rules.values import UNKNOWN

Inputs = dict[str, Any]


class _Removed:
    def __repr__(self) -> str:
        return "REMOVED"  # in the names of tests, which are alike in every process


REMOVED: object = _Removed()


@dataclass(frozen=True)
class Planned:
    """A resource to judge."""

    type: str
    inputs: Inputs = field(default_factory=dict)
    name: str = "it"
    parent: str | None = None
    property_dependencies: Mapping[str, Collection[str]] = field(default_factory=dict)
    beside: tuple[Planned, ...] = ()
    """What else is in its stack."""

    @property
    def urn(self) -> str:
        """A URN as the engine makes it."""
        return f"urn:pulumi:dev::project::{self.type}::{self.name}"


def violations(rule: str, resource: Planned, root: Path | None = None, **config: Any) -> list[Violation]:
    """Judge one resource, with what is beside it, by one rule alone, whatever its level."""
    levels = {other: Level.OFF for other in RULES} | {rule: Level.MANDATORY}
    found = judge([resource, *resource.beside], config={rule: config}, levels=levels, root=root)
    return [one for one in found if one.resource == resource.urn]


def seconds(resources: Collection[Planned]) -> float:
    """Return what it costs to judge resources: of a few tries the best, as other processes take their part."""
    return min(timeit.repeat(lambda: judge(resources), timer=time.process_time, number=1, repeat=3))


def _steps(path: str) -> list[str | int]:
    steps = re.findall(r"\[\d+\]|(?:\\.|[^.\[])+", path)
    return [int(one[1:-1]) if one[0] == "[" else one.replace("\\.", ".") for one in steps]


def edited(inputs: Mapping[str, Any], path: str, value: Any) -> Inputs:
    r"""Return a copy with ``value`` at ``path``, such as ``a.b[0].c\.d``; ``REMOVED`` deletes what is there."""
    # There is one unknown value, and it is known by its identity.
    result = copy.deepcopy(dict(inputs), {id(UNKNOWN): UNKNOWN})
    here: Any = result
    *above, last = _steps(path)
    for step in above:
        if isinstance(here, dict):
            here.setdefault(step, {})
        here = here[step]
    if value is REMOVED:
        here.pop(last)
    else:
        here[last] = value
    return result


def places(value: Any, prefix: str = "") -> Iterator[str]:
    """Yield the path of every value inside of ``value``, objects and lists included."""
    pairs: Iterator[tuple[str, Any]] | Any = ()
    if isinstance(value, dict):
        dotted = f"{prefix}." if prefix else ""
        pairs = ((dotted + key.replace(".", "\\."), member) for key, member in value.items())
    elif isinstance(value, list):
        pairs = ((f"{prefix}[{index}]", member) for index, member in enumerate(value))
    for path, member in pairs:
        yield path
        yield from places(member, path)
