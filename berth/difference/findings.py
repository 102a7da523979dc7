"""What the policies say to one program and not to the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from berth.difference.outcome import address
from berth.views.common import MANDATORY, Violation, ordered


@dataclass(frozen=True)
class Findings:
    """Two judgements compared."""

    new: Sequence[Violation]
    cured: Sequence[Violation]
    remaining: Sequence[Violation]
    """Found in both; as the head words them."""

    @property
    def stops(self) -> bool:
        """Whether a mandatory rule is newly broken."""
        return any(finding.level == MANDATORY for finding in self.new)


def compare_findings(base: Sequence[Violation], head: Sequence[Violation]) -> Findings:
    """Return the new, the cured and the remaining findings, each in the order of every view.

    A finding is the same where policy, level, resource and message are; several alike are counted.
    """
    before = Counter(_key(item) for item in base)
    after = Counter(_key(item) for item in head)
    return Findings(
        new=_beyond(head, before),
        cured=_beyond(base, after),
        remaining=_beyond(head, after - before),
    )


def _beyond(violations: Sequence[Violation], other: Counter[tuple[str, ...]]) -> tuple[Violation, ...]:
    left = other.copy()
    kept = []
    for item in ordered(violations):
        if left[_key(item)] > 0:
            left[_key(item)] -= 1
        else:
            kept.append(item)
    return tuple(kept)


def _key(item: Violation) -> tuple[str, ...]:
    return item.policy, item.level, address(item.resource), item.message
