"""Where the records are, chosen by configuration: what the API works with."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from biometric.bus import Bus, PostgresBus
from biometric.connections import connector
from biometric.pool import Pool
from biometric.postgres import PostgresRecords
from biometric.problems import summary
from biometric.records import Attempt, LatestRecords
from biometric.relational import FORGET_ROWS, RelationalRecords, make_engine
from biometric.schema import Record
from biometric.settings import Settings

BATCHES = 4
"""Batches that are read and stored at once; more wait with their bodies unread, which costs nothing but their time."""
FORGET_SECONDS = 600.0
"""Between two looks for Idempotency-Keys that are too old."""

log = logging.getLogger(__name__)


class Store:
    """The records, and the news of them; nothing is connected until a request needs it."""

    def __init__(self, settings: Settings) -> None:
        self.relational = RelationalRecords(make_engine(settings))
        # With a connection of its own: a busy replica is ready all the same, or all would be taken out at once.
        self.probe = RelationalRecords(make_engine(settings, connections=1))
        self.bus = Bus()
        self.batches = asyncio.Semaphore(BATCHES)
        self.latest_records: LatestRecords = self.relational
        if settings.database is not None:
            connect = connector(settings.database)
            self.latest_records = PostgresRecords(Pool(connect, settings.max_replicas))
            self.bus = PostgresBus(connect)
        if settings.dynamodb_table is not None and settings.latest_store == "dynamodb":
            # Imported only here: it brings AWS's SDK.
            from biometric.dynamodb import DynamoDbRecords

            self.latest_records = DynamoDbRecords(settings.dynamodb_table, self.latest_records, self.relational)

    async def add(self, record: Record, attempt: Attempt | None = None) -> bool:
        """Store a record and tell of it; return False if the attempt had stored it before."""
        try:
            return await self.latest_records.add(record, attempt) is not None
        finally:
            # Also where the record was there before, or an error hides that it is there now: to look costs little.
            self.bus.publish((record.user_id,))

    async def add_all(self, records: Sequence[Record], attempt: Attempt | None = None) -> bool:
        """Store all of several records, or none, and tell of them; False if the attempt had stored them before."""
        users = {record.user_id for record in records}
        try:
            fresh = await self.relational.add_all(records, attempt)
            await self.latest_records.refresh(users)
        finally:
            self.bus.publish(users)
        return fresh

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Carry news and forget old keys for as long as the block lasts; then close every connection."""
        async with AsyncExitStack() as stack:  # each is closed, whatever becomes of the others
            for part in (self.relational, self.probe, self.latest_records):
                stack.push_async_callback(part.close)
            tasks = [asyncio.create_task(self.bus.run()), asyncio.create_task(self._forget())]
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _forget(self) -> None:
        while True:
            await asyncio.sleep(FORGET_SECONDS)
            try:
                while await self.relational.forget_attempts() == FORGET_ROWS:
                    pass
            except Exception as error:  # whatever it is, the next look may go well
                log.error("keys not forgotten", extra={"cause": summary(error)})
