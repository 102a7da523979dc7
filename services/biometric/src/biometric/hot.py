"""The two requests that come all the time, answered without a framework.

FastAPI's routing and parameters cost three times as much as all the rest of such an answer; everything else is routed
by FastAPI, whose document describes both (``routes.py``).
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from pydantic import ValidationError
from starlette.types import ASGIApp, Receive, Scope, Send

from biometric.inputs import RECORD_BYTES, attempt_of, read_body, user_of
from biometric.paths import LATEST, RECORDS
from biometric.problems import Refused, invalid
from biometric.schema import Record
from biometric.store import Store

JSON = (b"content-type", b"application/json")
REPLAYED = (b"idempotent-replayed", b"true")
"""Tells a client that its retry was one; nothing was stored again."""

Answer = tuple[HTTPStatus, list[tuple[bytes, bytes]], bytes]
"""Status, headers and body."""


@dataclass
class HotPaths:
    """``POST /rest/records`` and ``GET /rest/read/json/latest/{userId}``, before everything else."""

    app: ASGIApp
    """Answers every other request."""
    store: Store

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path, method = scope["path"], scope["method"]
        if method == "GET" and path.startswith(LATEST):
            answer = self._latest(path[len(LATEST) :])
        elif method == "POST" and path == RECORDS:
            answer = self._create(scope, receive)
        elif path == RECORDS and method != "GET":  # FastAPI, which has a route a method, would name only one of them
            answer = self._not_allowed()
        else:
            await self.app(scope, receive, send)
            return
        status, headers, content = await answer  # what is refused, the guard answers
        length = (b"content-length", str(len(content)).encode())
        await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
        await send({"type": "http.response.body", "body": content})

    async def _latest(self, user: str) -> Answer:
        document = await self.store.latest_records.latest(user_of(user))
        if document is None:
            raise Refused(HTTPStatus.NOT_FOUND, "there is no record of this user")
        return HTTPStatus.OK, [JSON], document

    async def _create(self, scope: Scope, receive: Receive) -> Answer:
        content = await read_body(receive, RECORD_BYTES)
        try:
            record = Record.model_validate_json(content)
        except ValidationError as error:
            raise invalid(error) from None
        document = record.to_json()
        fresh = await self.store.add(record, attempt_of(scope, document))
        return HTTPStatus.CREATED, [JSON] if fresh else [JSON, REPLAYED], document

    async def _not_allowed(self) -> Answer:
        raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, "this path knows GET, POST", headers={"allow": "GET, POST"})
