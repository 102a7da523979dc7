"""How PostgreSQL is connected to: what a connection is told, how many there are, what happens when one is gone."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import asyncpg

from biometric.problems import Unavailable, cause_of
from biometric.settings import Database

CONNECT_SECONDS = 5.0
STATEMENT_SECONDS = 5
"""The database gives up a statement after this time."""
COMMAND_SECONDS = STATEMENT_SECONDS + 1
"""The driver gives up after this time: a database whose host has vanished does not even say that it gives up."""
HOLD_SECONDS = 12.0
"""How long a request waits for a database that is away: a restart takes seconds, a failover up to a minute."""
PAUSE_SECONDS = 0.1
"""Between two tries."""
CLOSE_SECONDS = 1.0
ORM_CONNECTIONS = 3
"""For everything that is not hot."""
OTHER_CONNECTIONS = ORM_CONNECTIONS + 2
"""And one for LISTEN and NOTIFY, one for the question whether this replica is ready."""
MOST_CONNECTIONS = 16
"""Of the hot statements: more than this keeps no single process busy, and costs the server memory."""
SPARE_CONNECTIONS = 5
"""Left for migrations, administrators and backups."""

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]
else:
    Connection = asyncpg.Connection  # generic for type checkers only
Connect = Callable[[], Awaitable[Connection]]
T = TypeVar("T")

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
AWAY = "the database cannot be reached"
NOT_SURE = "the database went away and may have stored this, or not: with an Idempotency-Key, try again"

log = logging.getLogger(__name__)


def connector(database: Database) -> Connect:
    """Return a function that makes connections; ``PGSSLROOTCERT`` names the authority's file, as for libpq."""

    async def connect() -> Connection:
        return await asyncpg.connect(
            host=database.host,
            port=database.port,
            user=database.user,
            password=database.password.get_secret_value(),
            database=database.name,
            ssl=database.sslmode,
            timeout=CONNECT_SECONDS,
            command_timeout=COMMAND_SECONDS,
            server_settings=COMMON | TIMEOUTS,
        )

    return connect


class Away(Exception):
    """The database cannot be reached, or went away under work that may be done again."""


def judged(error: Exception, *, sent: bool, gone: bool, safe: bool) -> Exception:
    """Return what to raise for an error of the driver's.

    Args:
        error: What it raised.
        sent: Whether there was a connection; without one, the database was asked for nothing.
        gone: Whether the connection is of no more use.
        safe: Whether the work may be done again.
    """
    cause = cause_of(error)
    if sent:
        if not gone and not isinstance(cause, LOST):
            return error
        log.warning("the connection to the database broke", extra={"cause": type(cause).__name__})
        if not safe:
            return Unavailable(NOT_SURE)
    elif not isinstance(cause, (*LOST, asyncpg.PostgresError)) or isinstance(cause, REFUSED):
        log.error(AWAY, extra={"cause": type(cause).__name__})
        return Unavailable(AWAY)
    return Away(type(cause).__name__)


async def patiently(work: Callable[[], Awaitable[T]]) -> T:
    """Do some work; while it says that the database is ``Away``, wait and do it again.

    Raises:
        Unavailable: The database stayed away.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + HOLD_SECONDS
    while True:
        try:
            return await work()
        except Away as away:
            if loop.time() + PAUSE_SECONDS >= deadline:
                log.error(AWAY, extra={"cause": str(away)})
                raise Unavailable(AWAY) from None
        await asyncio.sleep(PAUSE_SECONDS)


class Allowance(NamedTuple):
    """Connections of one replica for the hot statements, and whether the database allows fewer than may be needed."""

    hot: int
    short: bool = False


def allowance(limit: int, replicas: int) -> Allowance:
    """Share the connections that the database allows this service's account among some replicas.

    A rollout runs the new replicas beside the old ones, so that each gets half of what it would have alone.
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
