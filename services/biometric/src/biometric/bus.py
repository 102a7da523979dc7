"""Who has a new record: told to every replica, so that all streams deliver alike.

News is only that there is something to read; what it is stands in the database. So news that is lost costs time, never
a record: a stream looks again by itself now and then.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator

import asyncpg

from biometric.connections import CLOSE_SECONDS, LOST, Connect, Connection

CHANNEL = "biometric_record"
GATHER_SECONDS = 0.02
"""News of this time goes out together. A commit with NOTIFY takes turns with every other one in the whole database, so
that a NOTIFY in each record's own transaction would let one record in at a time."""
USERS_A_MESSAGE = 380
"""A payload is shorter than 8,000 bytes, and an id has at most 19 digits and a comma."""
SIGN_SECONDS = 30.0
"""Without news for so long, the connection is tried."""
AGAIN_SECONDS = 1.0
"""Between two tries to reach the database."""

log = logging.getLogger(__name__)


async def news(event: asyncio.Event, seconds: float) -> None:
    """Wait until an event is set since the last call, or the time is up."""
    # Not wait_for: on Python 3.11 it can swallow a cancellation that comes with what is waited for.
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    event.clear()


class Bus:
    """Brings news from whoever stored a record to whoever waits for it; this one, between requests of one process."""

    def __init__(self) -> None:
        self._watches: defaultdict[int, set[asyncio.Event]] = defaultdict(set)

    def publish(self, users: Iterable[int]) -> None:
        """Tell that these users have new records; returns at once."""
        for user_id in users:
            for watch in self._watches.get(user_id, ()):
                watch.set()

    @contextlib.contextmanager
    def watch(self, user_id: int) -> Iterator[asyncio.Event]:
        """Return what is set at all news of a user for as long as it is open."""
        watch = asyncio.Event()
        self._watches[user_id].add(watch)
        try:
            yield watch
        finally:
            self._watches[user_id].discard(watch)
            if not self._watches[user_id]:
                del self._watches[user_id]

    async def run(self) -> None:
        """Work until cancelled."""


class PostgresBus(Bus):
    """Between replicas, by LISTEN and NOTIFY on one connection of its own."""

    def __init__(self, connect: Connect) -> None:
        super().__init__()
        self._connect = connect
        self._pending: set[int] = set()
        self._wake = asyncio.Event()

    def publish(self, users: Iterable[int]) -> None:
        """Put the news with what goes out next."""
        self._pending.update(users)
        self._wake.set()

    @contextlib.contextmanager
    def watch(self, user_id: int) -> Iterator[asyncio.Event]:
        """Open a watch, and the connection if there is none yet."""
        self._wake.set()
        with super().watch(user_id) as watch:
            yield watch

    async def run(self) -> None:
        """Listen and notify until cancelled, from the first record or watch on; a lost connection is made again."""
        await self._wake.wait()
        while True:
            try:
                connection = await self._connected()
                try:
                    await self._serve(connection)
                finally:
                    with contextlib.suppress(*LOST, asyncpg.InterfaceError):
                        await connection.close(timeout=CLOSE_SECONDS)
            except Exception as error:  # whatever it is, there is no news without another try
                log.warning("no news for a moment", extra={"cause": type(error).__name__})
            await asyncio.sleep(AGAIN_SECONDS)

    async def _connected(self) -> Connection:
        """Connect; when cancelled meanwhile, close what comes of it, which the driver would leave open."""
        connecting = asyncio.ensure_future(self._connect())
        try:
            return await asyncio.shield(connecting)
        except asyncio.CancelledError:
            with contextlib.suppress(*LOST, asyncpg.PostgresError, asyncpg.InterfaceError):
                async with asyncio.timeout(CLOSE_SECONDS):
                    (await connecting).terminate()
            raise

    async def _serve(self, connection: Connection) -> None:
        # News is worth no wait for the disk: after a crash of the database there is nobody left to tell.
        await connection.execute("SET synchronous_commit = off")
        await connection.add_listener(CHANNEL, self._heard)
        connection.add_termination_listener(lambda _: self._wake.set())
        super().publish(tuple(self._watches))  # of what was stored while nobody listened
        while not connection.is_closed():
            await news(self._wake, SIGN_SECONDS)
            users, self._pending = sorted(self._pending), set()
            if not users:
                await connection.execute("SELECT 1")  # a host that vanished says nothing by itself
                continue
            parts = (users[at : at + USERS_A_MESSAGE] for at in range(0, len(users), USERS_A_MESSAGE))
            messages = [",".join(map(str, part)) for part in parts]
            try:
                await connection.execute(
                    "SELECT pg_notify($1, message) FROM unnest($2::text[]) message", CHANNEL, messages
                )
            except BaseException:
                self.publish(users)  # again, with the next connection
                raise
            await asyncio.sleep(GATHER_SECONDS)

    def _heard(self, _: object, __: int, ___: str, payload: object) -> None:
        super().publish(int(user) for user in str(payload).split(","))
