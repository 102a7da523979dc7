"""Reading a request's body, up to a limit."""

from __future__ import annotations

from http import HTTPStatus

from starlette.types import Receive

from biometric.problems import Refused

RECORD_BYTES = 64 * 1024
"""Largest body of one record; the published one has 904 bytes."""
BATCH_BYTES = 4 * 1024 * 1024
"""Largest body of a batch: 1,000 records of four times the published one's size."""


async def read(receive: Receive, limit: int) -> bytes:
    """Return a request's whole body, whatever its Content-Type says.

    Args:
        receive: The request's channel.
        limit: Bytes at most.

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
