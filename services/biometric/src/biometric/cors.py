"""Pages of other origins, where no gateway answers for the service."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

HEADERS = ("authorization", "content-type", "idempotency-key", "last-event-id")
"""What the page sends."""
EXPOSED = ("idempotent-replayed", "retry-after", "x-request-id")
"""What a page may read."""


def allow(app: ASGIApp, origins: Sequence[str]) -> ASGIApp:
    """Let pages of some origins call the application."""
    return CORSMiddleware(
        app,
        allow_origins=origins,
        allow_methods=("GET", "POST"),
        allow_headers=HEADERS,
        expose_headers=EXPOSED,
        max_age=300,
    )
