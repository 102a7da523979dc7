"""Cursors: where a page ended, in a form that clients hand back and need not read."""

from __future__ import annotations

import base64
import binascii
import re

from biometric.problems import wrong
from biometric.relational import Position
from biometric.schema import LONG_MAX

NUMBERS = re.compile(rb"[0-9]{1,19}(\.[0-9]{1,19})*")


def write(*numbers: int) -> str:
    """Return a cursor that holds some numbers."""
    return base64.urlsafe_b64encode(".".join(map(str, numbers)).encode()).decode().rstrip("=")


def read(cursor: str, count: int) -> list[int]:
    """Return the numbers of a cursor.

    Args:
        cursor: As a page's ``next`` has it.
        count: How many numbers it must hold.

    Raises:
        Refused: It is no cursor of such a page.
    """
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        text = b""
    numbers = [int(part) for part in text.split(b".")] if NUMBERS.fullmatch(text) else []
    if len(numbers) != count or max(numbers) > LONG_MAX:
        raise wrong("cursor", "should be the `next` of a page before, as it was")
    return numbers


def position(cursor: str | None) -> Position | None:
    """Return where a page of records ended."""
    return None if cursor is None else Position(*read(cursor, 2))
