"""The engine, and the records behind it: the only module that queries."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from biometric.models import SCHEMA_REVISION, RecordRow
from biometric.schema import Record
from biometric.settings import Settings

CONNECT_SECONDS = 5


def options(settings: Settings) -> dict[str, Any]:
    """Return what every engine of this service is made with, serving or migrating."""
    # A record is personal: without this, an error's message would carry the values of the statement.
    common: dict[str, Any] = {"hide_parameters": True}
    if settings.database is not None:
        common["connect_args"] = {"connect_timeout": CONNECT_SECONDS, "application_name": "biometric"}
    return common


def make_engine(settings: Settings) -> AsyncEngine:
    """Return an engine that has not connected yet.

    The pool is small on purpose: replicas times ten connections must fit what the smallest database allows. A
    connection is tried before use, so that a restarted database costs no request, and none is waited for longer
    than a client would wait.
    """
    pool = {"pool_size": 5, "max_overflow": 5, "pool_timeout": CONNECT_SECONDS} if settings.database else {}
    return create_async_engine(settings.url, pool_pre_ping=True, **pool, **options(settings))


class NotMigrated(Exception):
    """The database answers, but its schema is missing or older than this code needs."""


class Records:
    """The stored records."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Keep the engine; nothing is connected.

        Args:
            engine: Engine of a database whose schema ``biometric.migrate`` made.
        """
        self._engine = engine

    async def add(self, record: Record) -> None:
        """Store a record; it is durable when this returns."""
        async with AsyncSession(self._engine) as session:
            session.add(RecordRow(**record.model_dump()))
            await session.commit()

    async def latest(self, user_id: int) -> Record | None:
        """Return the user's record that stopped last, of several the one that arrived last; None if there is none."""
        query = (
            select(RecordRow)
            .where(RecordRow.user_id == user_id)
            .order_by(RecordRow.ts_stop.desc(), RecordRow.arrival.desc())
            .limit(1)
        )
        async with AsyncSession(self._engine) as session:
            row = await session.scalar(query)
        return None if row is None else Record.model_validate(row, from_attributes=True, by_alias=False, by_name=True)

    async def check(self) -> None:
        """Make sure that records can be kept.

        Raises:
            NotMigrated: The schema is not there yet.
            sqlalchemy.exc.SQLAlchemyError: The database cannot be reached.
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
