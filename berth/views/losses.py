"""Data that a change of program would lose, and what a person is told of it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

ACCEPT: Final = "--accept-data-loss"
"""The option that accepts a loss by its name."""
VARIABLE: Final = "BERTH_ACCEPT_DATA_LOSS"
"""The environment variable that does the same, for CI: names with blanks between them."""


@dataclass(frozen=True)
class Loss:
    """Data that is lost if a change of program is deployed."""

    resource: str
    """URN of the resource that holds it."""
    what: str
    """What happens to what, in a sentence without its full stop."""
    name: str
    """What it is accepted by."""
    accepted: bool
    """Whether a person has given the data up."""


def warnings(losses: Sequence[Loss]) -> list[str]:
    """Return what is lost and how to accept it, a line each; nothing where nothing is lost."""
    if not losses:
        return []
    lines = ["Data that cannot be made again is lost:", *(f"{item.what}." for item in losses if not item.accepted)]
    lines += [f"{item.what}, as accepted." for item in losses if item.accepted]
    waiting = [shlex.quote(item.name) for item in losses if not item.accepted]
    if waiting:
        lines += ["This does not pass until every loss is accepted by its name:"]
        lines += [f"`{ACCEPT} {name}`" for name in waiting]
    return lines
