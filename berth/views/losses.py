"""Data that a change of program would lose, and how it is shown."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from berth.views.common import plural
from berth.views.section import Line, Notes, Section, Span

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
    """Whether a person has accepted it."""


def losses(found: Sequence[Loss]) -> list[Section]:
    """Return what is lost and how to accept it; nothing where nothing is lost."""
    if not found:
        return []
    lines: list[Line] = ["Data that cannot be made again is lost:"]
    lines += [f"{item.what}." for item in found if not item.accepted]
    lines += [f"{item.what}, as accepted." for item in found if item.accepted]
    if waiting := [item for item in found if not item.accepted]:
        lines.append("This does not pass until every loss is accepted by its name:")
        lines += [[Span(f"{ACCEPT} {shlex.quote(item.name)}", "code")] for item in waiting]
    fact = Span(f"loses data of {plural(len(found), 'resource')}", "bad")
    return [Section("Data loss", [Notes("error", lines)], anchor="losses", weight=1, facts=[fact])]
