"""What a table of cases is made of."""

from __future__ import annotations

from dataclasses import dataclass, field

from .support import Inputs, Planned

TOPIC = Planned("aws:sns/topic:Topic", {"user": "root", "privileged": True})
"""No rule's business."""


@dataclass
class Cases:
    """The cases of one rule."""

    good: list[Planned] = field(default_factory=list)
    bad: list[Planned] = field(default_factory=list)
    foreign: list[Planned] = field(default_factory=lambda: [TOPIC])
    config: Inputs = field(default_factory=dict)
    """The rule's configuration in all of them."""


def each_of(token: str, *inputs: Inputs) -> list[Planned]:
    """Return resources of one type, each with inputs of its own."""
    return [Planned(token, one) for one in inputs]
