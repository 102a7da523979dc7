"""The course of a move: its steps from where the stack file is. Pure.

Nothing but the stack file's weights and what the command says decides it, so a move that was interrupted goes on by the
same command: the step that the file names is done again, which changes nothing that is done already.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from berth.move.steps import WHOLE, weights_at

Kind = Literal["create", "share", "remove", "back"]


@dataclass(frozen=True)
class Step:
    """One change of the stack file, and one ``pulumi up``."""

    kind: Kind
    percent: int
    """Of the requests, that the new berth gets."""
    weights: Mapping[str, int]

    def __str__(self) -> str:
        shares = ", ".join(f"{name} {weight}" for name, weight in self.weights.items())
        return f"{WORDS[self.kind].format(self.percent)} ({shares})"


WORDS: Mapping[Kind, str] = {
    "create": "stand by",
    "share": "{} %",
    "remove": "remove what is left behind",
    "back": "go back",
}


def percent_of(weights: Mapping[str, int], berth: str) -> int:
    """Return a berth's percentage of the requests, rounded up: what is begun is not 0."""
    return -(-WHOLE * weights.get(berth, 0) // sum(weights.values()))


def sources(weights: Mapping[str, int], to: str) -> dict[str, int]:
    """Return the weights of the berths that are left, relative to each other.

    Where none of them has any more, what they had is not known, and they count alike.
    """
    others = {name: weight for name, weight in weights.items() if name != to}
    return others if any(others.values()) else dict.fromkeys(others, 1)


def shared(weights: Mapping[str, int], to: str, percent: int) -> Step:
    """Return the step that gives the new berth so many percent."""
    return Step("share" if percent else "create", percent, weights_at(sources(weights, to), to, percent))


def back(weights: Mapping[str, int], to: str) -> Step:
    """Return the step that gives the new berth nothing: never the step before, whose share a sick berth would keep."""
    return Step("back", 0, weights_at(sources(weights, to), to, 0))


def removal(to: str) -> Step:
    """Return the step after which the new berth is alone."""
    return Step("remove", WHOLE, {to: WHOLE})


def course(weights: Mapping[str, int], to: str, steps: Sequence[int], *, remove: bool) -> list[Step]:
    """Return the steps that are left.

    Args:
        weights: what the stack file says; ``to`` may not be there yet.
        to: the berth that the services move to.
        steps: its percentages, as ``parse_steps`` returns them.
        remove: whether the berths that are left go at the end.
    """
    if set(weights) == {to}:
        return [removal(to)] if remove else []
    at = percent_of(weights, to)
    first = [] if at else [shared(weights, to, 0)]
    rest = [shared(weights, to, percent) for percent in steps if percent >= at]
    return [*first, *rest, *([removal(to)] if remove else [])]


def single(weights: Mapping[str, int], to: str, percent: int) -> list[Step]:
    """Return one step, up or down, after the new berth was made where it is not there."""
    first = [shared(weights, to, 0)] if not weights.get(to) else []
    return [*first, *([shared(weights, to, percent)] if percent else [] if first else [back(weights, to)])]
