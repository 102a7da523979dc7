"""The two hot statements, on the driver: the ORM's mapping, written out once and prepared by the database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from biometric.pool import Pool
from biometric.records import Attempt
from biometric.relational import TURN, turn
from biometric.schema import COLUMNS, Record, document

LISTED: Final = ", ".join(COLUMNS)
VALUES: Final = ", ".join(f"${number}" for number, _ in enumerate(COLUMNS, 1))
LOCK, KEY, FINGERPRINT = (f"${len(COLUMNS) + number}" for number in (1, 2, 3))

LATEST: Final = f"SELECT {LISTED} FROM record WHERE user_id = $1 ORDER BY ts_stop DESC, arrival DESC LIMIT 1"

# The turn is taken before the number is drawn: see RelationalRecords._take_turns. One statement is one transaction.
ADD: Final = f"""
WITH turn AS MATERIALIZED (SELECT pg_advisory_xact_lock({TURN}, {LOCK}::int))
INSERT INTO record ({LISTED}) SELECT {VALUES} FROM turn RETURNING arrival
"""
ADD_ONCE: Final = f"""
WITH turn AS MATERIALIZED (SELECT pg_advisory_xact_lock({TURN}, {LOCK}::int)),
claim AS (
    INSERT INTO attempt (key, fingerprint) SELECT {KEY}::varchar, {FINGERPRINT}::bytea FROM turn
    ON CONFLICT (key) DO NOTHING RETURNING key
)
INSERT INTO record ({LISTED}) SELECT {VALUES} FROM claim RETURNING arrival
"""
KNOWN: Final = "SELECT fingerprint FROM attempt WHERE key = $1"


@dataclass
class PostgresRecords:
    """``LatestRecords`` on PostgreSQL."""

    pool: Pool

    async def add(self, record: Record, attempt: Attempt | None = None) -> int | None:
        """Store a record, as ``LatestRecords`` has it."""
        # The fields stand in the order of COLUMNS.
        values = tuple(record.__dict__.values())
        half = turn(record.user_id)
        if attempt is None:
            row = await self.pool.fetchrow(ADD, *values, half, safe=False)
            return int(row[0]) if row else None
        row = await self.pool.fetchrow(ADD_ONCE, *values, half, attempt.key, attempt.fingerprint, safe=True)
        if row is not None:
            return int(row[0])
        known = await self.pool.fetchrow(KNOWN, attempt.key, safe=True)
        attempt.check(None if known is None else known[0])
        return None

    async def latest(self, user_id: int) -> bytes | None:
        """Return the user's latest record, as ``LatestRecords`` has it."""
        row = await self.pool.fetchrow(LATEST, user_id, safe=True)
        return None if row is None else document(row)

    async def refresh(self, users: Iterable[int]) -> None:
        """Do nothing: what is stored is what is looked up."""

    async def close(self) -> None:
        """Close the connections."""
        await self.pool.close()
