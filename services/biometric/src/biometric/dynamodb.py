"""The latest record of each user in DynamoDB: one look-up by key, whatever else the database is busy with.

An item a user, in a table whose only key is the number ``userId``. The relational database stays the truth: every
record is stored there first, an item is only ever replaced by a later record, and one that is missing is made from the
database. Batches and pages stay relational: a DynamoDB transaction takes 100 items, and a batch has up to 1,000.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from contextlib import AsyncExitStack
from typing import Any

from aiobotocore.config import AioConfig
from aiobotocore.session import get_session
from botocore.exceptions import BotoCoreError, ClientError

from biometric.problems import Unavailable
from biometric.records import Attempt, LatestRecords
from biometric.relational import Arrived, RelationalRecords
from biometric.schema import Record

AT_ONCE = 20
"""Items put at once after a batch."""
CONNECTIONS = 50
"""To DynamoDB at most; more calls than this wait for each other."""
# Short: a client waits, and an Idempotency-Key makes another try of its own safe.
CONFIG = AioConfig(
    connect_timeout=2,
    read_timeout=2,
    retries={"mode": "standard", "total_max_attempts": 3},
    max_pool_connections=CONNECTIONS,
)
NEWER = "attribute_not_exists(userId) OR tsStop < :tsStop OR (tsStop = :tsStop AND arrival < :arrival)"

log = logging.getLogger(__name__)


class DynamoDbRecords:
    """``LatestRecords`` that keeps records elsewhere and looks the latest up in DynamoDB.

    Region, credentials and, for an emulator, AWS_ENDPOINT_URL_DYNAMODB are the SDK's. ``records`` is where a record is
    stored first, ``relational`` where an item is made from that is not there.
    """

    def __init__(self, table: str, records: LatestRecords, relational: RelationalRecords) -> None:
        self._table, self._records, self._relational = table, records, relational
        self._stack = AsyncExitStack()
        self._lock = asyncio.Lock()
        self._client: Any = None

    async def add(self, record: Record, attempt: Attempt | None = None) -> int | None:
        """Store a record, as ``LatestRecords`` has it.

        When the record is stored and its item cannot be put, the answer is ``Unavailable`` all the same: another try
        with the same key stores nothing twice, and puts the item.
        """
        arrival = await self._records.add(record, attempt)
        if arrival is None:
            await self.refresh((record.user_id,))
        else:
            await self._put(record.user_id, Arrived(arrival, record.ts_stop, record.to_json()))
        return arrival

    async def latest(self, user_id: int) -> bytes | None:
        """Return the user's latest record, as ``LatestRecords`` has it."""
        answer = await self._call("get_item", TableName=self._table, Key=_key(user_id), ConsistentRead=True)
        if item := answer.get("Item"):
            return str(item["document"]["S"]).encode()
        # Stored before there was a table, or this replica ended between the two.
        newest = await self._relational.newest(user_id)
        if newest is None:
            return None
        await self._put(user_id, newest)
        return newest.document

    async def refresh(self, users: Iterable[int]) -> None:
        """Put the users' latest records as the database has them; the first that cannot be put ends it."""
        left = iter(set(users))

        async def some() -> None:
            for user_id in left:
                newest = await self._relational.newest(user_id)
                if newest is not None:
                    await self._put(user_id, newest)

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(AT_ONCE):
                    group.create_task(some())
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None

    async def close(self) -> None:
        """Close the connections, those of the store behind it as well."""
        try:
            await self._stack.aclose()
        finally:
            self._client = None
            await self._records.close()

    async def _put(self, user_id: int, arrived: Arrived) -> None:
        """Replace the user's item, unless it is of a later record already."""
        place = {"tsStop": {"N": str(arrived.ts_stop)}, "arrival": {"N": str(arrived.arrival)}}
        await self._call(
            "put_item",
            TableName=self._table,
            Item=_key(user_id) | place | {"document": {"S": arrived.document.decode()}},
            ConditionExpression=NEWER,
            ExpressionAttributeValues={f":{name}": value for name, value in place.items()},
        )

    async def _call(self, operation: str, **arguments: Any) -> Any:
        """Call DynamoDB; a put that is not needed is none that failed.

        Raises:
            Unavailable: DynamoDB cannot be reached, or refuses.
        """
        try:
            return await getattr(await self._connected(), operation)(**arguments)
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if code == "ConditionalCheckFailedException":
                return {}
            log.error("DynamoDB refuses", extra={"operation": operation, "code": code})
        except (BotoCoreError, OSError) as error:
            log.error("DynamoDB cannot be reached", extra={"operation": operation, "cause": type(error).__name__})
        raise Unavailable("the store of latest records cannot be reached")

    async def _connected(self) -> Any:
        async with self._lock:
            if self._client is None:
                client = get_session().create_client("dynamodb", config=CONFIG)
                self._client = await self._stack.enter_async_context(client)
        return self._client


def _key(user_id: int) -> dict[str, Any]:
    return {"userId": {"N": str(user_id)}}
