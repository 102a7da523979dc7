"""How PostgreSQL is connected to: what a connection is told, how many there are, which errors mean that one is gone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import asyncpg
from sqlalchemy.exc import DBAPIError

from biometric.settings import Database

CONNECT_SECONDS = 5.0
STATEMENT_SECONDS = 5
"""The database gives up a statement after this time."""
COMMAND_SECONDS = STATEMENT_SECONDS + 1
"""The driver gives up after this time: a database whose host has vanished does not even say that it gives up."""
ORM_CONNECTIONS = 3
"""For everything that is not hot."""
BUS_CONNECTIONS = 1
"""For LISTEN and NOTIFY."""
PROBE_CONNECTIONS = 1
"""For the question whether this replica is ready."""
OTHER_CONNECTIONS = ORM_CONNECTIONS + BUS_CONNECTIONS + PROBE_CONNECTIONS
MOST_CONNECTIONS = 16
"""Of the hot statements: more than this keeps no single process busy, and costs the server memory."""
SPARE_CONNECTIONS = 5
"""Left for migrations, administrators and backups."""

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]
else:
    Connection = asyncpg.Connection  # generic for type checkers only
Connect = Callable[[], Awaitable[Connection]]

TIMEOUTS = {
    "statement_timeout": f"{STATEMENT_SECONDS}s",
    "lock_timeout": f"{STATEMENT_SECONDS}s",
    "idle_in_transaction_session_timeout": "10s",
}
"""PostgreSQL's own limits, so that they hold whatever happens to the client."""
# The driver's queries of the catalogue are slower when compiled.
COMMON = {"application_name": "biometric", "jit": "off"}

LOST = (
    OSError,  # refused, reset, timed out
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
)
"""The connection is gone, or none could be made; another try may find the database back."""
REFUSED = (
    asyncpg.InvalidAuthorizationSpecificationError,  # wrong password, no TLS
    asyncpg.InvalidCatalogNameError,  # no such database
)
"""The database is there, and does not let this service in: another try would end alike."""


def may_come_back(error: BaseException) -> bool:
    """Tell whether a connection that could not be made may be made a little later."""
    return isinstance(error, (*LOST, asyncpg.PostgresError)) and not isinstance(error, REFUSED)


def arguments(database: Database) -> dict[str, Any]:
    """Return what asyncpg connects with; ``PGSSLROOTCERT`` names the authority's file, as for libpq."""
    return {
        "host": database.host,
        "port": database.port,
        "user": database.user,
        "password": database.password.get_secret_value(),
        "database": database.name,
        "ssl": database.sslmode,
        "timeout": CONNECT_SECONDS,
        "command_timeout": COMMAND_SECONDS,
        "server_settings": COMMON | TIMEOUTS,
    }


def connector(database: Database) -> Connect:
    """Return a function that makes connections to the database."""
    given = arguments(database)

    async def connect() -> Connection:
        return await asyncpg.connect(**given)

    return connect


def cause_of(error: BaseException) -> BaseException:
    """Return the driver's own error behind SQLAlchemy's."""
    if isinstance(error, DBAPIError) and error.orig is not None:
        return error.orig.__cause__ or error.orig
    return error


@dataclass(frozen=True)
class Allowance:
    """Connections of one replica."""

    hot: int
    """For the statements of nearly every request."""
    short: bool = False
    """Whether the database allows fewer than all the replicas may need."""


def allowance(limit: int, replicas: int) -> Allowance:
    """Share a database's connections among replicas.

    A rollout runs the new replicas beside the old ones, so that each gets half of what it would have alone.

    Args:
        limit: Connections that the database allows this service's account.
        replicas: Replicas at most.
    """
    share = (limit - SPARE_CONNECTIONS) // (2 * replicas) - OTHER_CONNECTIONS
    return Allowance(hot=max(1, min(share, MOST_CONNECTIONS)), short=share < 1)


LIMIT = """
SELECT least(
    current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int,
    (SELECT nullif(rolconnlimit, -1) FROM pg_roles WHERE rolname = current_user),
    (SELECT nullif(datconnlimit, -1) FROM pg_database WHERE datname = current_database())
)
"""
"""What the server, the account and the database allow; each of the last two may set no limit."""
