"""Alive, ready, leaving: what a replica tells those who send it requests."""

from __future__ import annotations

import asyncio


class Lifecycle:
    """One replica's end: announced first, then waited for."""

    def __init__(self) -> None:
        """Begin as a replica that stays."""
        self._leaving = asyncio.Event()

    @property
    def leaving(self) -> bool:
        """Whether SIGTERM has come: no longer ready, and no connection is kept for another request."""
        return self._leaving.is_set()

    def leave(self) -> None:
        """Announce the end; call it on the event loop."""
        self._leaving.set()

    async def left(self) -> None:
        """Wait until the end is announced: what would go on for long ends itself then."""
        await self._leaving.wait()
