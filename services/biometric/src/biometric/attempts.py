"""The Idempotency-Key of a request, as the IETF's draft has it."""

from __future__ import annotations

from starlette.types import Scope

from biometric.problems import wrong
from biometric.records import Attempt

HEADER = b"idempotency-key"
KEY_LENGTH = 255
"""Characters; a UUID has 36."""


def attempt_of(scope: Scope, *documents: bytes) -> Attempt | None:
    """Return the attempt that a request is, None where it has no key.

    Keys belong to whoever sent them: two clients whose tokens name different subjects may use the same one.

    Args:
        scope: The request.
        documents: What it stores, as UTF-8 JSON.

    Raises:
        Refused: The key is empty, too long, or has characters other than visible ASCII.
    """
    for name, value in scope["headers"]:
        if name == HEADER:
            key = value.decode("latin-1").strip()
            if not 0 < len(key) <= KEY_LENGTH or not key.isascii() or not key.isprintable() or " " in key:
                raise wrong("Idempotency-Key", f"should have 1 to {KEY_LENGTH} visible ASCII characters, as a UUID has")
            subject = scope.get("subject", "")
            return Attempt.of(f"{subject}\n{key}" if subject else key, *documents)
    return None
