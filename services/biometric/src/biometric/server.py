"""The server: uvicorn, told to leave in two steps."""

from __future__ import annotations

import asyncio
import signal
from types import FrameType
from typing import Any, Final

import uvicorn

from biometric.settings import Settings

KEEP_ALIVE_SECONDS = 75
"""Longer than a load balancer keeps an idle connection (60 s), or it would send requests into one that just closed."""
CLOSING_SECONDS = 2
"""What is left of the grace period to close the database's connections in."""
HEADERS: Final = [
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Strict-Transport-Security", "max-age=31536000"),
    ("Referrer-Policy", "no-referrer"),
    ("Cache-Control", "no-store"),
]
"""On every answer, the server's own errors included; an API is no page, so nothing may be done with one."""
OPTIONS: Final[dict[str, Any]] = {
    # Both in C, and named, so that a missing one is an error and not a slower service.
    "loop": "uvloop",
    "http": "httptools",
    "ws": "none",
    "interface": "asgi3",
    "log_config": None,
    # A path names a user; the guard logs routes.
    "access_log": False,
    "server_header": False,
    "proxy_headers": False,  # nothing here asks who the client is
    "headers": HEADERS,
    "timeout_keep_alive": KEEP_ALIVE_SECONDS,
}
"""How uvicorn runs whatever it runs here; a benchmark's floor as well."""


class Server(uvicorn.Server):
    """On SIGTERM it sets ``leaving``, still answers for ``drain_seconds``, and only then stops accepting."""

    def __init__(self, config: uvicorn.Config, leaving: asyncio.Event, drain_seconds: float) -> None:
        super().__init__(config)
        self._leaving, self._drain_seconds = leaving, drain_seconds

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Leave; at once where nobody else has to hear of it: on Ctrl-C, or told a second time."""
        if not self.started or self._leaving.is_set() or sig != signal.SIGTERM:
            super().handle_exit(sig, frame)
        else:
            asyncio.get_running_loop().call_soon_threadsafe(self._leave, sig, frame)

    def _leave(self, sig: int, frame: FrameType | None) -> None:
        self._leaving.set()
        asyncio.get_running_loop().call_later(self._drain_seconds, super().handle_exit, sig, frame)


def times(settings: Settings) -> tuple[float, int]:
    """Return how long to drain and how long to finish requests, in seconds.

    Both and the closing fit the grace period; the second is a whole number of at least 1.
    """
    left = max(1, settings.shutdown_seconds - CLOSING_SECONDS)
    drain = min(settings.drain_seconds, left / 2)
    return drain, max(1, int(left - drain))
