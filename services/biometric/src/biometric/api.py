"""The REST interface."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.requests import ClientDisconnect

from biometric.db import NotMigrated, Records, make_engine
from biometric.schema import FieldProblem, Long, Problem, Record
from biometric.settings import Settings

BODY_BYTES = 64 * 1024
"""Largest body accepted; the published record has 904 bytes."""
READY_SECONDS = 2.0
"""Longest wait for the database before the answer is "not ready": probes do not wait longer."""

log = logging.getLogger(__name__)


async def read_record(request: Request) -> Record:
    """Read the body as a record, whatever its Content-Type says.

    Parsed in one step and in strict JSON mode, so that a number is a number and a string a string.
    """
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > BODY_BYTES:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body is larger than {BODY_BYTES} bytes")
    except ClientDisconnect:
        raise HTTPException(HTTPStatus.BAD_REQUEST, "the client left before its request was complete") from None
    return Record.model_validate_json(bytes(body))


def create_app(settings: Settings) -> FastAPI:
    """Return the application; it connects to the database with its first request, not before.

    Args:
        settings: Says which database.
    """
    engine = make_engine(settings)
    records = Records(engine)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await engine.dispose()

    # No documentation pages: they load scripts from elsewhere. The OpenAPI document itself is served.
    app = FastAPI(title="biometric", version="1", lifespan=lifespan, docs_url=None, redoc_url=None)
    _handle_errors(app)

    @app.post(
        "/rest/records",
        status_code=HTTPStatus.CREATED,
        response_model=Record,
        responses={413: {"model": Problem}, 422: {"model": Problem}, 503: {"model": Problem}},
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Record"}}},
            }
        },
    )
    async def create(record: Annotated[Record, Depends(read_record)]) -> Response:
        """Store a record and answer it as stored."""
        await records.add(record)
        return _json(record, HTTPStatus.CREATED)

    @app.get(
        "/rest/read/json/latest/{userId}",
        response_model=Record,
        responses={404: {"model": Problem}, 422: {"model": Problem}, 503: {"model": Problem}},
    )
    async def latest(userId: Long) -> Response:
        """Answer the user's record with the highest tsStop, of several the one that arrived last."""
        record = await records.latest(userId)
        if record is None:
            raise HTTPException(HTTPStatus.NOT_FOUND, f"there is no record of user {userId}")
        return _json(record, HTTPStatus.OK)

    @app.get("/healthz")
    async def alive() -> dict[str, str]:
        """Answer while the process is alive; says nothing about the database."""
        return {"status": "alive"}

    @app.get("/readyz", responses={503: {"model": Problem}})
    async def ready() -> dict[str, str]:
        """Answer 200 while records can be stored and read: the database is reached and its schema is there."""
        try:
            async with asyncio.timeout(READY_SECONDS):
                await records.check()
        except NotMigrated as error:
            raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, str(error)) from None
        except (SQLAlchemyError, TimeoutError, OSError) as error:
            log.warning("not ready: %s", _summary(error))
            raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, "the database cannot be reached") from None
        return {"status": "ready"}

    return app


def _json(record: Record, status: HTTPStatus) -> Response:
    """Return a record as a response, without a second validation."""
    return Response(record.to_json(), status, media_type="application/json")


def _problem(status: int, detail: str, errors: list[FieldProblem] | None = None) -> Response:
    """Return an error as RFC 9457 problem details."""
    problem = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail, errors=errors or [])
    return Response(problem.model_dump_json(), status, media_type="application/problem+json")


def _handle_errors(app: FastAPI) -> None:
    """Answer every error in one form."""

    @app.exception_handler(ValidationError)
    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: ValidationError | RequestValidationError) -> Response:
        # The value that was sent is not repeated: it may be personal, and NaN could not be written as JSON.
        errors = [
            FieldProblem(
                field=".".join(str(part) for part in detail["loc"] if part != "path") or "body", message=detail["msg"]
            )
            for detail in error.errors()
        ]
        summary = "; ".join(f"{problem.field}: {problem.message}" for problem in errors)
        return _problem(HTTPStatus.UNPROCESSABLE_ENTITY, summary, errors)

    @app.exception_handler(StarletteHTTPException)
    async def refused(_: Request, error: StarletteHTTPException) -> Response:
        response = _problem(error.status_code, error.detail)
        response.headers.update(error.headers or {})
        return response

    @app.exception_handler(DBAPIError)
    @app.exception_handler(PoolTimeoutError)
    async def database_failed(_: Request, error: SQLAlchemyError) -> Response:
        log.error("the database refused a request: %s", _summary(error))
        if isinstance(error, DataError | IntegrityError):
            # A value that should have been refused with 422: trying again would not help.
            return _problem(HTTPStatus.INTERNAL_SERVER_ERROR, "the request could not be fulfilled")
        return _problem(HTTPStatus.SERVICE_UNAVAILABLE, "the database cannot take the request now")


def _summary(error: BaseException) -> str:
    """Name an error by its class and SQLSTATE only: PostgreSQL's messages can quote the row."""
    cause = getattr(error, "orig", None) or error
    state = getattr(cause, "sqlstate", None)
    return f"{type(cause).__name__} {state}" if state else type(cause).__name__
