"""What every request passes through: a name, a time limit, one line of log, and an answer whatever happens."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from dataclasses import dataclass
from http import HTTPStatus
from random import getrandbits

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from biometric import logs, problems
from biometric.paths import HEALTH, STREAM, route_of
from biometric.problems import Refused, Unavailable, refused_for, summary

REQUEST_SECONDS = 20.0
"""Longest time for an answer: well below the 30 s after which an HTTP API gives up, so that the client learns why."""

REQUEST_ID = b"x-request-id"
TRACE_PARENT = b"traceparent"
GIVEN_ID = re.compile(rb"[A-Za-z0-9._=:/+-]{1,128}")
"""A request id that the gateway gave; API Gateway's own have a padding."""
TRACE = re.compile(rb"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
"""W3C Trace Context: version, trace, span, flags."""

log = logging.getLogger(__name__)
requests = logs.FastLogger("biometric.request")


@dataclass
class Guard:
    """Watches over one request after the other."""

    app: ASGIApp
    leaving: asyncio.Event
    """Set while this replica is on its way out."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through."""
        started = time.perf_counter()
        identity = _identify(scope)
        mark = [(REQUEST_ID, identity)]
        if self.leaving.is_set():
            # The next request of this connection would meet a closed door: the client makes it elsewhere.
            mark.append((b"connection", b"close"))
        status = 0

        async def marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), *mark]
            await send(message)

        error: Exception | None = None
        limit: asyncio.Timeout | None = None
        try:
            if scope["path"].startswith(STREAM):  # its answers end by themselves, later
                await self.app(scope, receive, marked)
            else:
                async with asyncio.timeout(REQUEST_SECONDS) as limit:
                    await self.app(scope, receive, marked)
        except Exception as caught:
            error = caught
            if limit is not None and limit.expired():
                error = Unavailable(f"the request took longer than {REQUEST_SECONDS:g} s")
        if error is not None and not status:
            await problems.response(refused_for(error))(scope, receive, marked)
        _note(scope, status, time.perf_counter() - started, error)


def _identify(scope: Scope) -> bytes:
    """Name the request as the gateway named it, or anew; and its trace, if there is one."""
    identity = trace = None
    for name, value in scope["headers"]:
        if name == REQUEST_ID and GIVEN_ID.fullmatch(value):
            identity = value
        elif name == TRACE_PARENT and (found := TRACE.fullmatch(value)):
            trace = found[1].decode()
    if identity is None:
        identity = b"%016x" % getrandbits(64)  # a name, not a secret
    logs.request_id.set(identity.decode())
    if trace is not None:
        logs.trace_id.set(trace)
    return bytes(identity)


def _note(scope: Scope, status: int, seconds: float, error: Exception | None) -> None:
    """Write the request's line: the route, not the path, which names a user."""
    if error is not None and not isinstance(error, Refused):
        log.error("failed", exc_info=error, extra={"cause": summary(error)})
    bad = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    if scope["path"] in HEALTH:  # asked for all the time, and an answer that is bad says no more than "not now"
        level = logging.WARNING if bad else logging.DEBUG
    else:
        level = logging.ERROR if bad else logging.INFO
    requests.log(
        level,
        "request",
        {"method": scope["method"], "route": route_of(scope["path"]), "status": status, "ms": round(seconds * 1000, 2)},
    )
