"""The application, put together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from biometric import handlers, openapi, routes
from biometric.guard import Guard
from biometric.hot import HotPaths
from biometric.lifecycle import Lifecycle
from biometric.settings import Settings
from biometric.store import Store
from biometric.stream import Streams

if TYPE_CHECKING:
    from biometric.telemetry import Telemetry

DESCRIPTION = "Keeps biometric records, answers the latest one of a user, and sends new ones as they arrive."


class Application:
    """FastAPI behind what every request passes through."""

    def __init__(self, settings: Settings) -> None:
        """Put the application together; it connects to the database with its first request, not before.

        Args:
            settings: What the environment decides.
        """
        self.lifecycle = Lifecycle()
        self.store = Store(settings)
        # No documentation pages: they load scripts from elsewhere. The OpenAPI document itself is served.
        self.api = FastAPI(
            title="biometric", version="1", description=DESCRIPTION,
            lifespan=self._lifespan, docs_url=None, redoc_url=None,
            redirect_slashes=False,  # a redirect would name whatever Host the client sent
        )  # fmt: skip
        handlers.handle_in(self.api)
        self.api.include_router(routes.records_router(self.store))
        self.api.include_router(
            routes.stream_router(Streams(self.store, self.lifecycle, buffered=settings.responses_buffered))
        )
        self.api.include_router(routes.health_router(self.store, self.lifecycle))
        openapi.describe(self.api)
        self._telemetry: Telemetry | None = None
        self._guarded = self._guard(settings)

    def _guard(self, settings: Settings) -> ASGIApp:
        """Put before FastAPI what a request meets first; each is imported only where settings ask for it."""
        app: ASGIApp = HotPaths(self.api, self.store)
        if settings.jwt is not None:
            from biometric.tokens import TokenCheck

            app = TokenCheck(app, settings.jwt)
        app = Guard(app, self.lifecycle)
        if settings.otel_exporter_otlp_endpoint:
            from biometric.telemetry import Telemetry

            self._telemetry = Telemetry()
            app = self._telemetry.around(app)
        if settings.cors_origins:
            from biometric.cors import allow

            app = allow(app, settings.cors_origins)
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
