"""What FastAPI routes: everything but the two hot paths, which it only describes."""

from __future__ import annotations

import asyncio
import logging
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import ValidationError
from pydantic_core import from_json, to_json
from sqlalchemy.exc import SQLAlchemyError

from biometric.hot import REPLAYED
from biometric.inputs import BATCH_BYTES, KEY_LENGTH, attempt_of, read_body
from biometric.paths import ALIVE, BATCH, LATEST_ROUTE, READY, RECORDS, STREAM_ROUTE, USERS
from biometric.problems import Unavailable, invalid, summary, wrong
from biometric.records import NotMigrated
from biometric.relational import Order
from biometric.schema import (
    BATCH_RECORDS,
    KEYS,
    LONG_MAX,
    PAGE_RECORDS,
    RECORD_LIST,
    Identifier,
    Milliseconds,
    Record,
    RecordPage,
    Stored,
    UserPage,
)
from biometric.store import Store
from biometric.stream import Streams, within

READY_SECONDS = 2.0
"""Longest wait for the database before the answer is "not ready": probes do not wait longer."""

Limit = Annotated[int, Query(ge=1, le=PAGE_RECORDS, description="Entries in the page at most.")]
NEXT = "`next` of the page before."
User = Annotated[Identifier, Path(alias="userId")]


def _takes(schema: dict[str, Any]) -> dict[str, Any]:
    """Describe a body that this service reads by itself, and the header that makes a retry safe."""
    key = {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": "New for each record or batch, as a UUID is; a retry with it stores nothing twice.",
        "schema": {"type": "string", "minLength": 1, "maxLength": KEY_LENGTH, "pattern": "^[!-~]+$"},
    }
    return {"parameters": [key], "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


async def _store(request: Request) -> Store:
    store: Store = request.app.state.store
    return store


async def _streams(request: Request) -> Streams:
    streams: Streams = request.app.state.streams
    return streams


Kept = Annotated[Store, Depends(_store)]
Live = Annotated[Streams, Depends(_streams)]
ONE: dict[str, Any] = {"$ref": "#/components/schemas/Record"}
MANY = {"type": "array", "items": ONE, "minItems": 1, "maxItems": BATCH_RECORDS}

log = logging.getLogger(__name__)
router = APIRouter()


def _json(content: bytes, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """Return JSON as a response, without a second validation."""
    return Response(content, int(status), media_type="application/json")


def _read_batch(content: bytes) -> tuple[list[Record], list[bytes]]:
    """Return a batch's records, and each as JSON; in a thread, because a thousand take their time.

    Raises:
        Refused: It is no batch; all that is wrong with it is listed.
    """
    try:
        parsed = from_json(content)
    except ValueError:
        parsed = None  # which is said below, and where
    try:
        for number, one in enumerate(parsed if isinstance(parsed, list) else ()):
            # Looked at first: each key too many is an error of its own, and a body has room for half a million.
            if isinstance(one, dict) and len(one) > 2 * len(KEYS):
                raise wrong(str(number), f"a record has {len(KEYS)} keys, and this one more than twice as many")
        records = RECORD_LIST.validate_json(content)
    except ValidationError as error:
        raise invalid(error) from None
    return records, [record.to_json() for record in records]


# Both are answered by HotPaths, before FastAPI is asked; it describes them.
@router.post(RECORDS, status_code=201, response_model=Record, openapi_extra=_takes(ONE), operation_id="create")
async def create() -> None:
    """Store a record and answer it as stored. An Idempotency-Key makes a retry safe."""


@router.get(LATEST_ROUTE, response_model=Record, operation_id="latest")
async def latest(user_id: User) -> None:
    """Answer the user's record with the highest tsStop, of several the one that arrived last."""


@router.post(BATCH, status_code=201, response_model=Stored, openapi_extra=_takes(MANY))
async def create_all(store: Kept, request: Request) -> Response:
    """Store up to 1,000 records, all or none. An Idempotency-Key makes a retry safe."""
    async with store.batches:
        content = await read_body(request.receive, BATCH_BYTES)
        records, documents = await asyncio.to_thread(_read_batch, content)
        fresh = await store.add_all(records, attempt_of(request.scope, *documents))
    response = _json(to_json({"stored": len(records)}), HTTPStatus.CREATED)
    if not fresh:
        response.raw_headers.append(REPLAYED)
    return response


@router.get(RECORDS, response_model=RecordPage)
async def page(
    store: Kept,
    user_id: Annotated[Identifier, Query(alias="userId")],
    start: Annotated[Milliseconds | None, Query(alias="from", description="First tsStop.")] = None,
    stop: Annotated[Milliseconds | None, Query(alias="to", description="First tsStop that is too late.")] = None,
    # Where that page ended: tsStop and the record's number.
    cursor: Annotated[str, Query(pattern=r"^([0-9]{1,15}\.[0-9]{1,18})?$", description=NEXT)] = "",
    limit: Limit = 100,
    order: Annotated[Order, Query(description="Oldest or newest first.")] = "asc",
) -> Response:
    """Answer some of a user's records by tsStop, those that stopped at once by arrival."""
    stopped, _, arrival = cursor.partition(".")
    after = (int(stopped), int(arrival)) if cursor else None
    found = await store.relational.page(user_id, start, stop, after, limit + 1, order)
    shown = within(found[:limit])
    follows = f"{shown[-1].ts_stop}.{shown[-1].arrival}" if len(found) > len(shown) else None
    records = b",".join(one.document for one in shown)
    return _json(b'{"records":[%b],"next":%b}' % (records, to_json(follows)))


@router.get(USERS, response_model=UserPage)
async def users(
    store: Kept,
    after: Annotated[int, Query(alias="cursor", ge=0, le=LONG_MAX, description=NEXT)] = 0,
    limit: Limit = 100,
) -> Response:
    """Answer some of the users by userId, each with the latest record's position, speed and heart rate."""
    found = await store.relational.users(after, limit + 1)
    follows = str(found[limit - 1].user_id) if len(found) > limit else None
    return _json(UserPage(users=found[:limit], next=follows).model_dump_json(by_alias=True).encode())


@router.get(STREAM_ROUTE, response_class=StreamingResponse)
async def stream(
    streams: Live,
    user_id: User,
    last: Annotated[
        str | None, Header(alias="Last-Event-ID", pattern="^[0-9]{1,19}$", description="The last that was seen.")
    ] = None,
) -> StreamingResponse:
    """Send the latest record and then each one that arrives; with Last-Event-ID, all that came after it.

    Each answer ends by itself within 30 s: come back after `retry` milliseconds with the last id.
    """
    events = await streams.events(user_id, last)
    return StreamingResponse(events, media_type="text/event-stream", headers={"x-accel-buffering": "no"})


@router.get(ALIVE)
async def alive() -> dict[str, str]:
    """Answer while the process is alive; says nothing about the database."""
    return {"status": "alive"}


@router.get(READY)
async def ready(store: Kept, streams: Live) -> dict[str, str]:
    """Answer 200 while records can be stored and read: the database is reached and its schema is there."""
    if streams.leaving.is_set():
        raise Unavailable("this replica is shutting down")
    try:
        async with asyncio.timeout(READY_SECONDS):
            await store.probe.check()
    except NotMigrated as error:
        raise Unavailable(str(error)) from None
    except (SQLAlchemyError, OSError) as error:
        log.warning("not ready", extra={"cause": summary(error)})
        raise Unavailable("the database cannot be reached") from None
    return {"status": "ready"}
