"""Connections for the hot statements, and patience while the database is away.

Smaller than asyncpg's own pool, which resets a connection and makes a task each time one is given back: that is a sixth
of the requests a worker can answer.
"""

from __future__ import annotations

import asyncio
import logging

import asyncpg
from asyncpg.prepared_stmt import PreparedStatement

from biometric.connections import LIMIT, LOST, Connect, Connection, allowance, may_come_back
from biometric.problems import Unavailable

HOLD_SECONDS = 12.0
"""How long a request waits for a database that is away: a restart takes seconds, a failover up to a minute."""
CLOSE_SECONDS = 1.0
PAUSE_SECONDS = 0.1
"""Between two tries to connect."""
NOT_SURE = "the database went away and may have stored this, or not: with an Idempotency-Key, try again"

log = logging.getLogger(__name__)


class Prepared:
    """A connection with what it has prepared."""

    def __init__(self, connection: Connection) -> None:
        """Keep the connection; nothing is prepared yet.

        Args:
            connection: The connection.
        """
        self.connection = connection
        self._statements: dict[str, PreparedStatement] = {}

    async def fetchrow(self, statement: str, values: tuple[object, ...]) -> asyncpg.Record | None:
        """Run a statement, prepared with its first use, and return its first row."""
        prepared = self._statements.get(statement)
        if prepared is None:
            prepared = self._statements[statement] = await self.connection.prepare(statement)
        return await prepared.fetchrow(*values)

    @property
    def alive(self) -> bool:
        """Whether the connection can be used again."""
        return not self.connection.is_closed()


class Pool:
    """Up to as many connections as this replica's share of the database, each made when it is first needed."""

    def __init__(self, connect: Connect, replicas: int) -> None:
        """Begin without any connection.

        Args:
            connect: Makes one.
            replicas: Replicas that share the database's connections.
        """
        self._connect, self._replicas = connect, replicas
        # A slot at rest holds a connection or None. Last in, first out: what is at rest stays so, and the first slot is
        # alone until the database has said how many there may be.
        self._slots: asyncio.LifoQueue[Prepared | None] = asyncio.LifoQueue()
        self._slots.put_nowait(None)
        self._size = 0

    async def fetchrow(self, statement: str, *values: object, safe: bool) -> asyncpg.Record | None:
        """Run one statement by itself, and return its first row.

        Args:
            statement: SQL; the driver prepares it once a connection.
            values: Its parameters.
            safe: Whether it may be sent again when the connection broke under it.

        Raises:
            Unavailable: The database stayed away, or broke the connection under a statement that is not safe.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + HOLD_SECONDS
        while True:
            slot = await self._slots.get()
            try:
                if slot is None or not slot.alive:
                    slot = None
                    slot = Prepared(await self._connected(deadline))
                return await slot.fetchrow(statement, values)
            except asyncio.CancelledError:
                # What the server makes of it is not known: the connection is not used again.
                if slot is not None:
                    slot.connection.terminate()
                raise
            except asyncpg.InvalidCachedStatementError:
                # A migration changed a column's type since it was prepared; nothing was run, so it is run anew.
                if slot is not None:
                    slot.connection.terminate()
            except Exception as error:
                if not isinstance(error, LOST) and (slot is None or slot.alive):
                    raise
                if slot is not None:
                    slot.connection.terminate()  # also one that only says nothing any more
                log.warning("the connection to the database broke", extra={"cause": type(error).__name__})
                if slot is not None and not safe:  # without a connection, nothing was sent
                    raise Unavailable(NOT_SURE) from None
                if loop.time() >= deadline:
                    raise Unavailable("the database cannot be reached") from None
            finally:
                self._slots.put_nowait(slot if slot is not None and slot.alive else None)

    async def _connected(self, deadline: float) -> Connection:
        """Connect, trying again until the deadline.

        Raises:
            Unavailable: The database stayed away, or does not let this service in.
        """
        while True:
            try:
                connection = await self._connect()
            except (*LOST, asyncpg.PostgresError) as error:
                late = asyncio.get_running_loop().time() + PAUSE_SECONDS >= deadline
                if late or not may_come_back(error):
                    log.error("the database cannot be reached", extra={"cause": type(error).__name__})
                    raise Unavailable("the database cannot be reached") from None
                await asyncio.sleep(PAUSE_SECONDS)
            else:
                try:
                    if not self._size:
                        await self._share(connection)
                except BaseException:
                    connection.terminate()
                    raise
                return connection

    async def _share(self, connection: Connection) -> None:
        """Ask the database how many connections it allows, and open the slots of this replica's share."""
        limit = int(await connection.fetchval(LIMIT))
        if self._size:
            return
        share = allowance(limit, self._replicas)
        self._size = share.hot
        for _ in range(self._size - 1):
            self._slots.put_nowait(None)
        say = log.warning if share.short else log.info
        say("connections", extra={"allowed": limit, "replicas": self._replicas, "hot": share.hot, "short": share.short})

    async def close(self) -> None:
        """Close what is at rest; what is busy is closed with the process."""
        slots = [self._slots.get_nowait() for _ in range(self._slots.qsize())]
        for _ in slots:
            self._slots.put_nowait(None)  # whoever comes later connects anew
        closing = (slot.connection.close(timeout=CLOSE_SECONDS) for slot in slots if slot is not None)
        await asyncio.gather(*closing, return_exceptions=True)
