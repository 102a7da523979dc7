"""Server-sent events: a user's records as they arrive, in answers that end by themselves.

An HTTP API gives up after 30 s, and it hands on an answer only when it is complete. So each answer ends before that,
and where something in front keeps answers back (``RESPONSES_BUFFERED``) it ends with its first event: the same client,
which comes back with ``Last-Event-ID``, then gets each record without delay all the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from random import uniform

from biometric.bus import news
from biometric.problems import Unavailable, wrong
from biometric.relational import Arrived
from biometric.schema import LONG_MAX
from biometric.store import Store

STREAM_SECONDS = 25.0
"""An answer ends after this time; an HTTP API gives up after 30 s."""
READ_SECONDS = 3.0
"""By so much the last read may outlast the answer's time; the two together are below the gateway's 30 s."""
LOOK_SECONDS = 5.0
"""Between two looks without news, in case some were lost; each sends a comment, a sign of life."""
EVENTS = 500
"""Records in one read; more come with the next."""
ANSWER_BYTES = 4 * 1024 * 1024
"""About as much is sent at once; an HTTP API hands on no answer above 10 MB."""
STREAMS = 1000
"""Open at once in one replica; each looks every few seconds."""
RETRY_MS = 500
"""Before the client comes back, in milliseconds."""
BUFFERED_RETRY_MS = 50
"""The same where each answer ends with its first event."""


@dataclass
class Streams:
    """Makes streams."""

    store: Store
    leaving: asyncio.Event
    """Set when this replica is on its way out."""
    buffered: bool
    """Whether an answer reaches the client only when it is complete."""
    opened: int = 0

    async def events(self, user_id: int, last_event_id: str | None) -> AsyncIterator[bytes]:
        """Return a user's records as they arrive, the latest first unless the client says what it has seen last.

        Raises:
            Refused: ``last_event_id``, which has only digits, is none of this service's.
            Unavailable: The database is away, or there are too many streams.
        """
        if self.opened >= STREAMS:
            raise Unavailable("too many streams are open")
        deadline = asyncio.get_running_loop().time() + STREAM_SECONDS
        if last_event_id is not None:
            if int(last_event_id) > LONG_MAX:
                raise wrong("Last-Event-ID", "should be the id of an event of this stream")
            return self._events(user_id, int(last_event_id), b"", deadline)
        try:
            async with asyncio.timeout_at(deadline + READ_SECONDS):
                known = await self.store.relational.last_arrival(user_id)
                latest = await self.store.latest_records.latest(user_id)
        except TimeoutError:
            raise Unavailable("the database takes too long") from None
        # Without a record the id comes alone: a client that loses the connection now misses nothing.
        return self._events(user_id, known, event(known, latest), deadline)

    async def _events(self, user_id: int, known: int, first: bytes, deadline: float) -> AsyncIterator[bytes]:
        leaving = asyncio.ensure_future(self.leaving.wait())
        self.opened += 1
        try:
            # Watched from before the first look, so that nothing falls between the two.
            with self.store.bus.watch(user_id) as watch:
                leaving.add_done_callback(lambda _: watch.set())
                yield b"retry: %d\n\n" % (BUFFERED_RETRY_MS if self.buffered else RETRY_MS) + first
                if first and self.buffered:
                    return
                async for some in self._look(user_id, known, watch, deadline):
                    yield some
        finally:
            self.opened -= 1
            leaving.cancel()

    async def _look(self, user_id: int, known: int, watch: asyncio.Event, deadline: float) -> AsyncIterator[bytes]:
        """Yield what arrives after a number, with signs of life between, until it is time to end."""
        loop = asyncio.get_running_loop()
        while not self.leaving.is_set():
            try:
                async with asyncio.timeout_at(deadline + READ_SECONDS):
                    arrived = await self.store.relational.since(user_id, known, EVENTS)
            except (TimeoutError, Unavailable):
                return  # the answer has begun: the client comes back with its id, and is told then
            sent = within(arrived)
            if sent:
                known = sent[-1].arrival
                yield b"".join(event(one.arrival, one.document) for one in sent)
                if self.buffered:
                    return
            left = deadline - loop.time()
            if left <= 0:
                return
            if not sent:
                yield b":\n\n"
            if len(sent) == len(arrived) < EVENTS:
                # Not all at once, when many have begun together.
                await news(watch, min(left, LOOK_SECONDS * uniform(0.8, 1)))


def within(arrived: list[Arrived]) -> list[Arrived]:
    """Return as many of some records as one answer may hold, at least one if there are any."""
    total = 0
    for number, one in enumerate(arrived):
        total += len(one.document)
        if number and total > ANSWER_BYTES:
            return arrived[:number]
    return arrived


def event(arrival: int, document: bytes | None) -> bytes:
    """Return an event in the form of an event stream; without a document, only its id."""
    data = b"" if document is None else b"data: " + document + b"\n"
    return b"id: %d\n%b\n" % (arrival, data)
