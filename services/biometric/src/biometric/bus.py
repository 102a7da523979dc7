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
from typing import Protocol

import asyncpg

from biometric.connections import LOST, Connect, Connection

CHANNEL = "biometric_record"
GATHER_SECONDS = 0.02
"""News of this time goes out together. A commit with NOTIFY takes turns with every other one in the whole database, so
that a NOTIFY in each record's own transaction would let one record in at a time."""
USERS_A_MESSAGE = 380
"""A payload is shorter than 8,000 bytes, and an id has at most 19 digits and a comma."""
CLOSE_SECONDS = 1.0
SIGN_SECONDS = 30.0
"""Without news for so long, the connection is tried."""
AGAIN_SECONDS = 1.0
"""Between two tries to reach the database."""

log = logging.getLogger(__name__)


class Watch:
    """Waits for news of one user."""

    def __init__(self) -> None:
        """Begin without news."""
        self._event = asyncio.Event()

    def tell(self) -> None:
        """Give news."""
        self._event.set()

    async def news(self, seconds: float) -> None:
        """Wait for news since the last call, or until the time is up."""
        # Not wait_for: on Python 3.11 it can swallow a cancellation that comes with what is waited for.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._event.wait()
        self._event.clear()


class Bus(Protocol):
    """Brings news from whoever stored a record to whoever waits for it."""

    def publish(self, users: Iterable[int]) -> None:
        """Tell that these users have new records; returns at once."""

    def watch(self, user_id: int) -> contextlib.AbstractContextManager[Watch]:
        """Return a watch that gets all news of a user for as long as it is open."""

    async def run(self) -> None:
        """Work until cancelled."""


class LocalBus:
    """Between the requests of one process."""

    def __init__(self) -> None:
        """Begin without any watch."""
        self._watches: defaultdict[int, set[Watch]] = defaultdict(set)

    def publish(self, users: Iterable[int]) -> None:
        """Tell at once."""
        for user_id in users:
            for watch in self._watches.get(user_id, ()):
                watch.tell()

    def tell_all(self) -> None:
        """Let everybody look, because news may have been lost."""
        self.publish(tuple(self._watches))

    @contextlib.contextmanager
    def watch(self, user_id: int) -> Iterator[Watch]:
        """Open a watch."""
        watch = Watch()
        self._watches[user_id].add(watch)
        try:
            yield watch
        finally:
            self._watches[user_id].discard(watch)
            if not self._watches[user_id]:
                del self._watches[user_id]

    async def run(self) -> None:
        """There is nothing to do."""


class PostgresBus:
    """Between replicas, by LISTEN and NOTIFY on one connection of its own."""

    def __init__(self, connect: Connect) -> None:
        """Begin without a connection.

        Args:
            connect: Makes one.
        """
        self._connect = connect
        self._local = LocalBus()
        self._pending: set[int] = set()
        self._wake = asyncio.Event()

    def publish(self, users: Iterable[int]) -> None:
        """Put the news with what goes out next."""
        self._pending.update(users)
        self._wake.set()

    def watch(self, user_id: int) -> contextlib.AbstractContextManager[Watch]:
        """Open a watch."""
        self._wake.set()
        return self._local.watch(user_id)

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
        self._local.tell_all()  # of what was stored while nobody listened
        while not connection.is_closed():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SIGN_SECONDS):
                    await self._wake.wait()
            self._wake.clear()
            users, self._pending = sorted(self._pending), set()
            if not users:
                await connection.execute("SELECT 1")  # a host that vanished says nothing by itself
                continue
            messages = [
                ",".join(map(str, users[at : at + USERS_A_MESSAGE])) for at in range(0, len(users), USERS_A_MESSAGE)
            ]
            try:
                await connection.execute(
                    "SELECT pg_notify($1, message) FROM unnest($2::text[]) message", CHANNEL, messages
                )
            except BaseException:
                self._pending.update(users)
                self._wake.set()
                raise
            await asyncio.sleep(GATHER_SECONDS)

    def _heard(self, _: object, __: int, ___: str, payload: object) -> None:
        self._local.publish(int(user) for user in str(payload).split(","))
