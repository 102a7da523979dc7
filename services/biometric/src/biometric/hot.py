"""The two requests that come all the time, answered without a framework.

FastAPI's routing and parameters cost three times as much as all the rest of such an answer; everything else is routed
by FastAPI. `openapi.py` describes both.
"""

from __future__ import annotations

import re
from http import HTTPStatus

from pydantic import ValidationError
from starlette.types import ASGIApp, Receive, Scope, Send

from biometric import body, problems
from biometric.attempts import attempt_of
from biometric.paths import LATEST, RECORDS
from biometric.problems import Refused, invalid, wrong
from biometric.schema import LONG_MAX, Record
from biometric.store import Store

NUMBER = re.compile(r"[0-9]{1,19}", re.ASCII)
JSON = (b"content-type", b"application/json")
REPLAYED = (b"idempotent-replayed", b"true")
"""Tells a client that its retry was one; nothing was stored again."""

Answer = tuple[HTTPStatus, list[tuple[bytes, bytes]], bytes]
"""Status, headers and body."""


def user_of(text: str) -> int:
    """Read a userId from a path.

    Raises:
        Refused: It is none.
    """
    if NUMBER.fullmatch(text) and 1 <= (user_id := int(text)) <= LONG_MAX:
        return user_id
    raise wrong("userId", f"Input should be an integer from 1 to {LONG_MAX}")


class HotPaths:
    """``POST /rest/records`` and ``GET /rest/read/json/latest/{userId}``, before everything else."""

    def __init__(self, app: ASGIApp, store: Store) -> None:
        """Keep what it works with.

        Args:
            app: Answers every other request.
            store: The records.
        """
        self._app, self._store = app, store

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path, method = scope["path"], scope["method"]
        if method == "GET" and path.startswith(LATEST):
            answer = self._latest(path[len(LATEST) :])
        elif method == "POST" and path == RECORDS:
            answer = self._create(scope, receive)
        elif path.startswith(LATEST) or (path == RECORDS and method != "GET"):
            answer = _not_allowed("GET" if path.startswith(LATEST) else "GET, POST")
        else:
            await self._app(scope, receive, send)
            return
        try:
            status, headers, content = await answer
        except Refused as refused:
            status, headers, content = refused.status, refused.raw_headers, problems.body(refused)
        length = (b"content-length", str(len(content)).encode())
        await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
        await send({"type": "http.response.body", "body": content})

    async def _latest(self, user: str) -> Answer:
        user_id = user_of(user)
        document = await self._store.latest_records.latest(user_id)
        if document is None:
            raise Refused(HTTPStatus.NOT_FOUND, "there is no record of this user")
        return HTTPStatus.OK, [JSON], document

    async def _create(self, scope: Scope, receive: Receive) -> Answer:
        content = await body.read(receive, body.RECORD_BYTES)
        try:
            record = Record.model_validate_json(content)
        except ValidationError as error:
            raise invalid(error) from None
        document = record.to_json()
        fresh = await self._store.add(record, attempt_of(scope, document))
        return HTTPStatus.CREATED, [JSON] if fresh else [JSON, REPLAYED], document


async def _not_allowed(methods: str) -> Answer:
    raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, f"this path knows {methods}", headers={"allow": methods})
