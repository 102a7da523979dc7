"""The records in a relational database, by SQLAlchemy's ORM: PostgreSQL in earnest, SQLite for a quick look.

All that is not hot goes through here, and on SQLite everything does.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, NamedTuple, TypeVar

import asyncpg
from sqlalchemy import Select, delete, func, insert, literal, select, text, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import aliased

from biometric.connections import (
    COMMAND_SECONDS,
    COMMON,
    CONNECT_SECONDS,
    ORM_CONNECTIONS,
    TIMEOUTS,
    judged,
    patiently,
)
from biometric.models import SCHEMA_REVISION, AttemptRow, RecordRow
from biometric.problems import Unavailable
from biometric.records import Attempt, NotMigrated
from biometric.schema import COLUMNS, Record, UserSummary, document
from biometric.settings import Settings

TURN = 0x62696F6E  # "bion"
"""First half of the advisory locks under which records arrive; nothing else in this database uses it."""
ATTEMPT_HOURS = 24
"""How long an Idempotency-Key is remembered."""
FORGET_ROWS = 5000
"""Keys forgotten in one statement, so that none takes long."""

# A function in FROM gives its rows in the array's order.
TAKE_TURNS = text("SELECT pg_advisory_xact_lock(:turn, half) FROM unnest(CAST(:halves AS int[])) AS half")

Order = Literal["asc", "desc"]
T = TypeVar("T")
TS_STOP = COLUMNS.index("ts_stop")


class Arrived(NamedTuple):
    """A stored record, and its number in the order of arrival."""

    arrival: int
    ts_stop: int
    document: bytes


def make_engine(settings: Settings, *, connections: int = ORM_CONNECTIONS, serving: bool = True) -> AsyncEngine:
    """Return an engine that has not connected yet; of one that is ``serving``, no statement may take long.

    A connection is tried before use, so that a restarted database costs no request.
    """
    # A record is personal: without this, an error's message would carry the values of the statement.
    options: dict[str, Any] = {"hide_parameters": True, "pool_pre_ping": True}
    if settings.database is not None:
        options["connect_args"] = {"timeout": CONNECT_SECONDS, "server_settings": COMMON}
        if serving:
            options["connect_args"] |= {"command_timeout": COMMAND_SECONDS, "server_settings": COMMON | TIMEOUTS}
        options |= {"pool_size": connections, "max_overflow": 0, "pool_timeout": CONNECT_SECONDS}
    return create_async_engine(settings.url, **options)


def turn(user_id: int) -> int:
    """Return a user's half of an advisory lock; users who share one only wait for each other.

    There are 512, so that a batch of many users does not fill the server's table of locks.
    """
    return user_id % 512


class RelationalRecords:
    """The stored records, in a database whose schema ``biometric.migrate`` made; connected when first needed."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._postgresql = engine.dialect.name == "postgresql"

    async def add(self, record: Record, attempt: Attempt | None = None) -> int | None:
        """Store a record, as ``LatestRecords`` has it."""

        async def store(session: AsyncSession) -> int | None:
            if not await self._claim(session, [record], attempt):
                return None
            row = RecordRow(**record.model_dump())
            session.add(row)
            await session.flush()
            return row.arrival

        return await self._write(store, safe=attempt is not None)

    async def add_all(self, records: Sequence[Record], attempt: Attempt | None = None) -> bool:
        """Store all of several records, or none; return False if the attempt had stored them before.

        Raises:
            KeyReused: The attempt's key belongs to something else.
            Unavailable: The database cannot be reached; without an attempt, they may or may not be stored.
        """

        async def store(session: AsyncSession) -> bool:
            if not await self._claim(session, records, attempt):
                return False
            # Nulls are written: left out, records with different ones would each be a statement of their own.
            rows = insert(RecordRow).execution_options(render_nulls=True)
            await session.execute(rows, [record.model_dump() for record in records])
            return True

        return await self._write(store, safe=attempt is not None)

    async def latest(self, user_id: int) -> bytes | None:
        """Return the user's latest record, as ``LatestRecords`` has it."""
        newest = await self.newest(user_id)
        return None if newest is None else newest.document

    async def newest(self, user_id: int) -> Arrived | None:
        """Return the user's record that stopped last, with its number; of several, the one that arrived last."""
        query = _of(user_id).order_by(RecordRow.ts_stop.desc(), RecordRow.arrival.desc()).limit(1)
        found = await self._arrived(query)
        return found[0] if found else None

    async def since(self, user_id: int, arrival: int, limit: int) -> list[Arrived]:
        """Return up to ``limit`` of a user's records that arrived after another, in the order of arrival."""
        return await self._arrived(_of(user_id).where(RecordRow.arrival > arrival).order_by("arrival").limit(limit))

    async def last_arrival(self, user_id: int) -> int:
        """Return the number of the user's record that arrived last; 0 if there is none."""
        query = select(func.coalesce(func.max(RecordRow.arrival), 0)).where(RecordRow.user_id == user_id)

        async def read(connection: AsyncConnection) -> int:
            return int(await connection.scalar(query) or 0)

        return await self._patiently(read, safe=True)

    async def page(
        self, user_id: int, start: int | None, stop: int | None, after: tuple[int, int] | None, limit: int, order: Order
    ) -> list[Arrived]:
        """Return up to ``limit`` of a user's records by tsStop, those that stopped at once by arrival.

        Args:
            user_id: The user.
            start: First tsStop, in milliseconds since 1970; None for no bound.
            stop: First tsStop that is too late; None for no bound.
            after: tsStop and number of the last record of the page before; None for the first page.
            limit: Records at most.
            order: Oldest or newest first.
        """
        query = _of(user_id)
        if start is not None:
            query = query.where(RecordRow.ts_stop >= start)
        if stop is not None:
            query = query.where(RecordRow.ts_stop < stop)
        place = tuple_(RecordRow.ts_stop, RecordRow.arrival)
        if after is not None:
            known = tuple_(*map(literal, after))
            query = query.where(place > known if order == "asc" else place < known)
        ends = (end.asc() if order == "asc" else end.desc() for end in (RecordRow.ts_stop, RecordRow.arrival))
        return await self._arrived(query.order_by(*ends).limit(limit))

    async def users(self, after: int, limit: int) -> list[UserSummary]:
        """Return up to ``limit`` of the users whose id is above ``after``, each by the latest record."""

        async def read(connection: AsyncConnection) -> list[UserSummary]:
            rows = await connection.execute(users_query(after, limit))
            return [UserSummary.model_validate(dict(row), by_name=True, by_alias=False) for row in rows.mappings()]

        return await self._patiently(read, safe=True)

    async def forget_attempts(self) -> int:
        """Forget some of the Idempotency-Keys that are older than a day; return how many."""
        old = datetime.now(UTC) - timedelta(hours=ATTEMPT_HOURS)
        some = select(AttemptRow.key).where(AttemptRow.created_at < old).order_by("created_at").limit(FORGET_ROWS)
        if self._postgresql:
            some = some.with_for_update(skip_locked=True)  # another replica is at it as well

        async def forget(session: AsyncSession) -> int:
            done = await session.execute(delete(AttemptRow).where(AttemptRow.key.in_(some)))
            return int(getattr(done, "rowcount", 0))

        return await self._write(forget, safe=True)

    async def check(self) -> None:
        """Make sure that records can be kept; asks once and does not wait.

        Raises:
            NotMigrated: The schema is not there yet.
            sqlalchemy.exc.SQLAlchemyError, OSError: The database cannot be reached.
        """
        async with self._engine.connect() as connection:
            # Asked of the catalogue first: a failed SELECT would be an error in the database's log at every probe.
            found = await connection.run_sync(lambda sync: sync.dialect.has_table(sync, "alembic_version"))
            revision = await connection.scalar(text("SELECT version_num FROM alembic_version")) if found else None
        # A later revision is fine: the next version's migration runs while this one still serves.
        if revision is None or revision < SCHEMA_REVISION:
            raise NotMigrated(
                f"the schema is at {revision or 'nothing'}, {SCHEMA_REVISION} is needed: run biometric.migrate"
            )

    async def refresh(self, users: Iterable[int]) -> None:
        """Do nothing: what is stored is what is looked up."""

    async def close(self) -> None:
        """Close the connections."""
        await self._engine.dispose()

    async def _claim(self, session: AsyncSession, records: Sequence[Record], attempt: Attempt | None) -> bool:
        """Wait until it is these records' turn; return False if their attempt has stored them before.

        A number is drawn before its record is committed. Without the lock, record 6 could be seen before record 5 is,
        and a stream that goes on after 6 would never send 5. Sorted, so that two batches cannot wait for each other.
        Another request that just holds the attempt's key is waited for.

        Raises:
            KeyReused: The key belongs to something else.
        """
        if self._postgresql:
            halves = sorted({turn(record.user_id) for record in records})
            await session.execute(TAKE_TURNS, {"turn": TURN, "halves": halves})
        if attempt is None:
            return True
        dialect = postgresql if self._postgresql else sqlite
        row = {"key": attempt.key, "fingerprint": attempt.fingerprint}
        claim = dialect.insert(AttemptRow).values(row).on_conflict_do_nothing().returning(AttemptRow.key)
        if await session.scalar(claim) is not None:
            return True
        attempt.check(await session.scalar(select(AttemptRow.fingerprint).where(AttemptRow.key == attempt.key)))
        return False

    async def _arrived(self, query: Select[Any]) -> list[Arrived]:
        async def read(connection: AsyncConnection) -> list[Arrived]:
            rows = await connection.execute(query)
            return [Arrived(arrival, values[TS_STOP], document(values)) for arrival, *values in rows]

        return await self._patiently(read, safe=True)

    async def _write(self, work: Callable[[AsyncSession], Awaitable[T]], *, safe: bool) -> T:
        """Do some work in one transaction, all of it or none."""

        async def transact(connection: AsyncConnection) -> T:
            async with AsyncSession(connection) as session, session.begin():
                return await work(session)

        return await self._patiently(transact, safe=safe)

    async def _patiently(self, work: Callable[[AsyncConnection], Awaitable[T]], *, safe: bool) -> T:
        """Wait for a database that is away, and do the work again where that is safe.

        Raises:
            Unavailable: The database stayed away, or went away under work that is not safe to do again.
        """

        async def once() -> T:
            sent = False
            try:
                async with self._engine.connect() as connection:
                    sent = True
                    return await work(connection)
            except PoolTimeoutError:
                raise Unavailable("all connections to the database are busy") from None
            except (DBAPIError, asyncpg.PostgresError, OSError) as error:
                gone = bool(getattr(error, "connection_invalidated", False))
                raise judged(error, sent=sent, gone=gone, safe=safe) from error

        return await patiently(once)


def _of(user_id: int) -> Select[Any]:
    """Return the query for a user's records: the number, then the document's columns."""
    columns = (getattr(RecordRow, name) for name in COLUMNS)
    return select(RecordRow.arrival, *columns).where(RecordRow.user_id == user_id)


def users_query(after: int, limit: int) -> Select[Any]:
    """Return the query for ``RelationalRecords.users``.

    The index is walked from user to user, so that the time taken grows with the users and not with their records.
    """
    first = select(func.min(RecordRow.user_id).label("user_id"), literal(1).label("number"))
    walk = first.where(RecordRow.user_id > after).cte("walk", recursive=True)
    following = (
        select(func.min(RecordRow.user_id)).where(RecordRow.user_id > walk.c.user_id).correlate(walk).scalar_subquery()
    )
    walk = walk.union_all(
        select(following, walk.c.number + 1).where(walk.c.user_id.is_not(None), walk.c.number < limit)
    )
    inner = aliased(RecordRow)
    newest = (
        select(inner.arrival)
        .where(inner.user_id == walk.c.user_id)
        .order_by(inner.ts_stop.desc(), inner.arrival.desc())
        .limit(1)
        .correlate(walk)
        .scalar_subquery()
    )
    return (
        select(*(getattr(RecordRow, name) for name in UserSummary.model_fields))
        .join_from(walk, RecordRow, RecordRow.arrival == newest)
        .order_by(RecordRow.user_id)
    )
