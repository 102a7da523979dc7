"""Server-sent events: a user's records as they arrive, in answers that end by themselves.

An HTTP API gives up after 30 s, and it hands on an answer only when it is complete. So each answer ends before that,
and where something in front keeps answers back (``RESPONSES_BUFFERED``) it ends with its first event: the same client,
which comes back with ``Last-Event-ID``, then gets each record without delay all the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

from biometric.lifecycle import Lifecycle
from biometric.problems import wrong
from biometric.schema import LONG_MAX
from biometric.store import Store

STREAM_SECONDS = 25.0
"""An answer ends after this time; an HTTP API gives up after 30 s."""
LOOK_SECONDS = 5.0
"""Between two looks without news, in case some were lost; each sends a comment, a sign of life."""
EVENTS = 500
"""Records in one read; more come with the next."""
RETRY_MS = 500
"""Before the client comes back, in milliseconds."""
BUFFERED_RETRY_MS = 50
"""The same where each answer ends with its first event."""


@dataclass(frozen=True)
class Streams:
    """Makes streams."""

    store: Store
    lifecycle: Lifecycle
    buffered: bool
    """Whether an answer reaches the client only when it is complete."""

    async def events(self, user_id: int, last_event_id: str | None) -> AsyncIterator[bytes]:
        """Yield a user's records, the latest first unless the client says what it knows already.

        Args:
            user_id: The user.
            last_event_id: The last event that the client has seen, as it came in ``Last-Event-ID``; None for a new one.

        Raises:
            Refused: ``last_event_id`` is none of this service's.
        """
        known = None if last_event_id is None else arrival_of(last_event_id)
        return self._events(user_id, known)

    async def _events(self, user_id: int, known: int | None) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + STREAM_SECONDS
        relational = self.store.relational
        leaving = asyncio.ensure_future(self.lifecycle.left())
        try:
            # Watched from before the first read, so that nothing falls between the two.
            with self.store.bus.watch(user_id) as watch:
                leaving.add_done_callback(lambda _: watch.tell())
                yield f"retry: {BUFFERED_RETRY_MS if self.buffered else RETRY_MS}\n\n".encode()
                if known is None:
                    known = await relational.last_arrival(user_id)
                    latest = await self.store.latest_records.latest(user_id)
                    # Without a record the id comes alone: a client that loses the connection now misses nothing.
                    yield event(known, latest)
                    if self.buffered:
                        return
                while not self.lifecycle.leaving:
                    arrived = await relational.since(user_id, known, EVENTS)
                    if arrived:
                        known = arrived[-1].arrival
                        yield b"".join(event(one.arrival, one.document) for one in arrived)
                        if self.buffered:
                            return
                    left = deadline - loop.time()
                    if left <= 0:
                        return
                    if len(arrived) < EVENTS:
                        if not arrived:
                            yield b":\n\n"
                        await watch.news(min(left, LOOK_SECONDS))
        finally:
            leaving.cancel()


def event(arrival: int, document: bytes | None) -> bytes:
    """Return an event in the form of an event stream; without a document, only its id."""
    data = b"" if document is None else b"data: " + document + b"\n"
    return b"id: %d\n%b\n" % (arrival, data)


def arrival_of(last_event_id: str) -> int:
    """Read an event's id.

    Raises:
        Refused: It is none of this service's.
    """
    if last_event_id.isascii() and last_event_id.isdigit() and len(last_event_id) <= 19:
        arrival = int(last_event_id)
        if arrival <= LONG_MAX:
            return arrival
    raise wrong("Last-Event-ID", "should be the id of an event of this stream")
