"""The steps of a move, and the weights that each of them gives the berths."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from berth.errors import ConfigError

STEPS: Final = "1,10,50,100"
"""What a move does unless it is told otherwise."""
WHOLE: Final = 100
"""Sum of the weights of each step, which makes a weight a percentage."""


def parse_steps(text: str) -> tuple[int, ...]:
    """Read ``1,10,50,100``: the new berth's percentage at each step.

    Raises:
        ConfigError: They are not whole numbers from 1 to 100, each greater than the one before, the last one 100.
    """
    try:
        steps = tuple(int(part) for part in text.split(","))
    except ValueError:
        steps = ()
    in_order = all(before < after for before, after in zip((0, *steps), steps, strict=False))
    if not in_order or steps[-1:] != (WHOLE,):
        raise ConfigError(
            f"--steps {text!r}: they are the new berth's percentages of the requests.\n"
            f"Allowed are whole numbers from 1 to {WHOLE}, each greater than the one before, the last one {WHOLE}.\n"
            f"Example: --steps {STEPS}"
        )
    return steps


def weights_at(before: Mapping[str, int], to: str, percent: int) -> dict[str, int]:
    """Return the weights of all berths when one of them has so many percent of the requests.

    The others share the rest as they did before the move, in whole percents; what is left over by rounding goes to
    those who lost most by it, so that the weights always add up to 100.

    Args:
        before: The weights before the move; ``to`` may be among them.
        to: The berth that the services move to.
        percent: Its share, 0 to 100.
    """
    others = {name: weight for name, weight in before.items() if name != to}
    rest, whole = WHOLE - percent, sum(others.values())
    found = {name: rest * weight // whole if whole else 0 for name, weight in others.items()}
    lost = sorted((name for name in others if others[name]), key=lambda name: -(rest * others[name] % whole))
    for name in lost[: rest - sum(found.values())]:
        found[name] += 1
    return {**found, to: percent}
