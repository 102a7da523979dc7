"""The application, put together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from biometric import openapi, problems, routes
from biometric.guard import Guard
from biometric.hot import HotPaths
from biometric.settings import Settings
from biometric.store import Store
from biometric.stream import Streams

if TYPE_CHECKING:
    from biometric.telemetry import Telemetry

DESCRIPTION = "Keeps biometric records, answers the latest one of a user, and sends new ones as they arrive."


class Application:
    """FastAPI behind what every request passes through; it connects to the database with its first request."""

    def __init__(self, settings: Settings) -> None:
        self.leaving = asyncio.Event()
        """Set when SIGTERM has come: no longer ready, and no connection is kept for another request."""
        self.store = Store(settings)
        # No documentation pages: they load scripts from elsewhere. The OpenAPI document itself is served.
        self.api = FastAPI(
            title="biometric", version="1", description=DESCRIPTION,
            lifespan=self._lifespan, docs_url=None, redoc_url=None,
            redirect_slashes=False,  # a redirect would name whatever Host the client sent
        )  # fmt: skip
        problems.handle_in(self.api)
        self.api.state.store = self.store
        self.api.state.streams = Streams(self.store, self.leaving, settings.responses_buffered)
        self.api.include_router(routes.router)
        openapi.describe(self.api)
        self._telemetry: Telemetry | None = None
        self._guarded = self._guard(settings)

    def _guard(self, settings: Settings) -> ASGIApp:
        """Put before FastAPI what a request meets first; what is rarely asked for is imported only then."""
        app: ASGIApp = HotPaths(self.api, self.store)
        if settings.jwt is not None:
            from biometric.tokens import TokenCheck

            app = TokenCheck(app, settings.jwt)
        app = Guard(app, self.leaving)
        if settings.otel_exporter_otlp_endpoint:
            from biometric.telemetry import Telemetry

            self._telemetry = Telemetry()
            app = self._telemetry.around(app)
        if settings.cors_origins:  # where no gateway answers for the service
            app = CORSMiddleware(
                app,
                allow_origins=settings.cors_origins,
                allow_methods=("GET", "POST"),
                allow_headers=("authorization", "content-type", "idempotency-key", "last-event-id"),
                expose_headers=("idempotent-replayed", "retry-after", "x-request-id"),
                max_age=300,
            )
        return app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or start and stop with the server."""
        if scope["type"] == "http":
            await self._guarded(scope, receive, send)
        else:
            await self.api(scope, receive, send)

    @asynccontextmanager
    async def _lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        try:
            async with self.store.running():
                yield
        finally:
            if self._telemetry is not None:
                await asyncio.to_thread(self._telemetry.close)
