"""What a request brings beside FastAPI's parameters: a body, an Idempotency-Key, numbers in a path or header."""

from __future__ import annotations

import re
from http import HTTPStatus

from starlette.types import Receive, Scope

from biometric.problems import Refused, wrong
from biometric.records import Attempt
from biometric.schema import LONG_MAX

RECORD_BYTES = 64 * 1024
"""Largest body of one record; the published one has 904 bytes."""
BATCH_BYTES = 4 * 1024 * 1024
"""Largest body of a batch: 1,000 records of four times the published one's size."""
KEY_HEADER = b"idempotency-key"
"""As the IETF's draft has it."""
KEY_LENGTH = 255
"""Characters; a UUID has 36."""
KEY = re.compile(rf"[!-~]{{1,{KEY_LENGTH}}}")
NUMBER = re.compile(r"[0-9]{1,19}")


async def read_body(receive: Receive, limit: int) -> bytes:
    """Return a request's whole body of at most so many bytes, whatever its Content-Type says.

    Raises:
        Refused: The body is larger, or the client left in the middle of it.
    """
    message = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body") and len(body) <= limit:
        message = await receive()
        body += message.get("body", b"")
    if message["type"] == "http.disconnect":
        raise Refused(HTTPStatus.BAD_REQUEST, "the client left before its request was complete")
    if len(body) > limit:
        raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body is larger than {limit} bytes")
    return body


def attempt_of(scope: Scope, *documents: bytes) -> Attempt | None:
    """Return which attempt at storing some documents a request is, None where it has no key.

    Keys belong to whoever sent them: two clients whose tokens name different subjects may use the same one.

    Raises:
        Refused: The key is empty, too long, or has characters other than visible ASCII.
    """
    for name, value in scope["headers"]:
        if name == KEY_HEADER:
            key = value.decode("latin-1").strip()
            if not KEY.fullmatch(key):
                raise wrong("Idempotency-Key", f"should have 1 to {KEY_LENGTH} visible ASCII characters, as a UUID has")
            subject = scope.get("subject", "")
            return Attempt.of(f"{subject}\n{key}" if subject else key, *documents)
    return None


def user_of(text: str) -> int:
    """Read a userId from a path.

    Raises:
        Refused: It is none.
    """
    if NUMBER.fullmatch(text) and 1 <= (user_id := int(text)) <= LONG_MAX:
        return user_id
    raise wrong("userId", f"Input should be an integer from 1 to {LONG_MAX}")
