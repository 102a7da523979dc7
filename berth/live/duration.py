"""How long ago, as a command line says it: ``90s``, ``15m``, ``2h``, ``3d``. Pure."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def duration(text: str) -> timedelta:
    """Return a duration.

    Raises:
        ValueError: The text is none; its own says what one looks like.
    """
    found = re.fullmatch(r"([0-9]{1,5})([smhdw])", text)
    if not found or not int(found[1]):
        raise ValueError(f'"{text}" is no duration. Allowed: a number above 0 and s, m, h, d or w. Example: 1h')
    return timedelta(**{_UNITS[found[2]]: int(found[1])})
