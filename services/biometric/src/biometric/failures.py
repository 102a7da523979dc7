"""What went wrong inside, told apart by whether another try may help. Messages of the database are never passed on."""

from __future__ import annotations

from http import HTTPStatus

import asyncpg
from sqlalchemy.exc import OperationalError

from biometric.connections import cause_of
from biometric.problems import Refused, Unavailable

AGAIN = (
    asyncpg.QueryCanceledError,  # statement_timeout
    asyncpg.LockNotAvailableError,
    asyncpg.DeadlockDetectedError,
    asyncpg.InsufficientResourcesError,
    asyncpg.UndefinedTableError,  # not migrated yet
    asyncpg.UndefinedColumnError,
    asyncpg.InvalidCachedStatementError,  # a migration has just changed a column
    asyncpg.ReadOnlySQLTransactionError,  # a failover is on its way
    OperationalError,  # of SQLite: locked, or no such table
)
"""Errors that say nothing against the request."""


def refused_for(error: Exception) -> Refused:
    """Return what the client is told of an error that nobody expected."""
    if isinstance(error, Refused):
        return error
    if isinstance(error, AGAIN) or isinstance(cause_of(error), AGAIN):
        return Unavailable("the database cannot take the request now")
    return Refused(HTTPStatus.INTERNAL_SERVER_ERROR, "the request could not be fulfilled")


def summary(error: BaseException) -> str:
    """Name an error by its class and SQLSTATE only: PostgreSQL's messages can quote the row."""
    cause = cause_of(error)
    state = getattr(cause, "sqlstate", None)
    return f"{type(cause).__name__} {state}" if state else type(cause).__name__
