"""Connections for the hot statements.

Smaller than asyncpg's own pool, which resets a connection and makes a task each time one is given back: that is a sixth
of the requests a worker can answer.
"""

from __future__ import annotations

import asyncio
import logging

import asyncpg

from biometric.connections import CLOSE_SECONDS, LIMIT, LOST, Connect, Connection, allowance, judged, patiently

log = logging.getLogger(__name__)


class Pool:
    """Up to as many connections as this replica's share of the database, each made when it is first needed."""

    def __init__(self, connect: Connect, replicas: int) -> None:
        self._connect, self._replicas = connect, replicas
        # A slot at rest holds a connection or None. Last in, first out: what is at rest stays so, and the first slot is
        # alone until the database has said how many there may be.
        self._slots: asyncio.LifoQueue[Connection | None] = asyncio.LifoQueue()
        self._slots.put_nowait(None)
        self._shared = False

    async def fetchrow(self, statement: str, *values: object, safe: bool) -> asyncpg.Record | None:
        """Run one statement by itself, prepared with its first use, and return its first row.

        One that is ``safe`` may be sent again when the connection broke under it.

        Raises:
            Unavailable: The database stayed away, or broke the connection under a statement that is not safe.
        """
        return await patiently(lambda: self._fetchrow(statement, values, safe))

    async def _fetchrow(self, statement: str, values: tuple[object, ...], safe: bool) -> asyncpg.Record | None:
        slot = await self._slots.get()
        connection = None if slot is None or slot.is_closed() else slot
        try:
            if connection is None:
                connection = await self._connected()
            return await connection.fetchrow(statement, *values)
        except BaseException as error:
            gone = connection is not None and connection.is_closed()
            # Cancelled, or silent for too long: what the server makes of it is not known, so it is not used again.
            if connection is not None and (isinstance(error, LOST) or not isinstance(error, asyncpg.PostgresError)):
                connection.terminate()
            if not isinstance(error, Exception):
                raise
            raise judged(error, sent=connection is not None, gone=gone, safe=safe) from error
        finally:
            self._slots.put_nowait(None if connection is None or connection.is_closed() else connection)

    async def _connected(self) -> Connection:
        """Connect; the first one asks how many the database allows, and opens the slots of this replica's share."""
        connection = await self._connect()
        try:
            if not self._shared:
                limit = int(await connection.fetchval(LIMIT))
                hot, short = allowance(limit, self._replicas)
                say = log.warning if short else log.info
                say("connections", extra={"allowed": limit, "replicas": self._replicas, "hot": hot, "short": short})
                for _ in range(hot - 1):
                    self._slots.put_nowait(None)
                self._shared = True
        except BaseException:
            connection.terminate()
            raise
        return connection

    async def close(self) -> None:
        """Close what is at rest; what is busy is closed with the process."""
        slots = [self._slots.get_nowait() for _ in range(self._slots.qsize())]
        for _ in slots:
            self._slots.put_nowait(None)  # whoever comes later connects anew
        closing = (slot.close(timeout=CLOSE_SECONDS) for slot in slots if slot is not None)
        await asyncio.gather(*closing, return_exceptions=True)
