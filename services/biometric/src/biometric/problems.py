"""Errors as RFC 9457 has them: one form for all, with every key that is wrong, and no value repeated."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus

import asyncpg
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError, OperationalError
from starlette.exceptions import HTTPException

from biometric import logs
from biometric.schema import FieldProblem, Problem

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = "1"
"""Retry-After of what another try may cure."""
LISTED = 1000
"""Problems that one answer lists; to list more would be work that whoever sends rubbish gives to everybody."""
NAME_LENGTH = 64
PLACES = ("path", "query", "header", "body")
"""Where FastAPI found a parameter; its own name is enough for the client."""
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


class Refused(Exception):
    """A request that is answered with a problem; raised anywhere, answered in one place.

    ``detail`` and ``errors``, which is key by key, say what is wrong, without any value of the request.
    """

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        *,
        errors: Iterable[FieldProblem] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.errors = status, detail, list(errors)
        self.headers = {"content-type": MEDIA_TYPE, **(headers or {})}


class Unavailable(Refused):
    """The request is fine, and cannot be fulfilled now."""

    def __init__(self, detail: str) -> None:
        super().__init__(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers={"retry-after": RETRY_SECONDS})


def invalid(error: ValidationError | RequestValidationError) -> Refused:
    """Return what is wrong with a document or a parameter.

    The value that was sent is not repeated: it may be personal, and NaN could not be written as JSON.
    """
    if isinstance(error, ValidationError) and error.error_count() > LISTED:
        count = error.error_count()
        return Refused(HTTPStatus.UNPROCESSABLE_ENTITY, f"{count} things are wrong; up to {LISTED} would be listed")
    errors = [FieldProblem(field=_field(detail["loc"]), message=detail["msg"]) for detail in error.errors()[:LISTED]]
    summary = "; ".join(f"{problem.field}: {problem.message}" for problem in errors[:10])
    if len(errors) > 10:
        summary += f"; and {len(errors) - 10} more"
    return Refused(HTTPStatus.UNPROCESSABLE_ENTITY, summary, errors=errors)


def _field(location: Sequence[object]) -> str:
    """Name what is wrong; a name that a client made up is not repeated for ever."""
    return ".".join(str(part)[:NAME_LENGTH] for part in location if part not in PLACES) or "body"


def wrong(field: str, message: str) -> Refused:
    """Return what is wrong with one parameter or header."""
    errors = [FieldProblem(field=field, message=message)]
    return Refused(HTTPStatus.UNPROCESSABLE_ENTITY, f"{field}: {message}", errors=errors)


def refused_for(error: Exception) -> Refused:
    """Return what the client is told of an error that nobody expected; the database's words are not passed on."""
    if isinstance(error, Refused):
        return error
    if isinstance(error, AGAIN) or isinstance(cause_of(error), AGAIN):
        return Unavailable("the database cannot take the request now")
    return Refused(HTTPStatus.INTERNAL_SERVER_ERROR, "the request could not be fulfilled")


def cause_of(error: BaseException) -> BaseException:
    """Return the driver's own error behind SQLAlchemy's."""
    if isinstance(error, DBAPIError) and error.orig is not None:
        return error.orig.__cause__ or error.orig
    return error


def summary(error: BaseException) -> str:
    """Name an error by its class and SQLSTATE only: PostgreSQL's messages can quote the row."""
    cause = cause_of(error)
    state = getattr(cause, "sqlstate", None)
    return f"{type(cause).__name__} {state}" if state else type(cause).__name__


def response(refused: Refused) -> Response:
    """Return the problem as a response; what is not the client's fault is noted, too."""
    if refused.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.warning("refused", extra={"status": int(refused.status), "detail": refused.detail})
    problem = Problem(
        title=refused.status.phrase,
        status=refused.status,
        detail=refused.detail,
        request_id=logs.request_id.get(),
        errors=refused.errors,
    )
    content = problem.model_dump_json(by_alias=True, exclude_none=True)
    return Response(content, int(refused.status), refused.headers)


def handle_in(app: FastAPI) -> None:
    """Answer every error of the framework's routes in this form."""

    @app.exception_handler(RequestValidationError)
    async def unprocessable(_: Request, error: RequestValidationError) -> Response:
        return response(invalid(error))

    @app.exception_handler(HTTPException)
    async def other(_: Request, error: HTTPException) -> Response:
        return response(Refused(HTTPStatus(error.status_code), error.detail, headers=error.headers))

    @app.exception_handler(Refused)
    @app.exception_handler(Exception)  # which the guard logs: starlette raises it again
    async def failed(_: Request, error: Exception) -> Response:
        return response(refused_for(error))
