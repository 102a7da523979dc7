"""A reader of event streams, apart from the service's own writer: one connection, one event after the other."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Event:
    """One event; without data it only says how far the client is."""

    id: str
    data: dict[str, Any] | None

    @property
    def version(self) -> Any:
        """The record's version; None without a record."""
        return None if self.data is None else self.data["version"]


@dataclass
class Stream:
    """An open answer."""

    response: http.client.HTTPResponse
    retry: int = 0
    comments: int = 0

    def __iter__(self) -> Iterator[Event]:
        """Yield events until the answer ends."""
        id, data = "", None
        for raw in self.response:
            line = raw.rstrip(b"\n")
            name, _, value = line.partition(b": ")
            if line == b"":
                if id or data:
                    yield Event(id, data)
                id, data = "", None
            elif line.startswith(b":"):
                self.comments += 1
            elif name == b"id":
                id = value.decode()
            elif name == b"data":
                data = json.loads(value)
            elif name == b"retry":
                self.retry = int(value)
            else:
                raise AssertionError(f"no line of an event stream: {line!r}")

    def next(self) -> Event:
        """Wait for the next event."""
        return next(iter(self))


@contextmanager
def listening(port: int, user: int, last: str | None = None) -> Iterator[Stream]:
    """Open a user's stream."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=40)
    try:
        connection.request("GET", f"/rest/stream/{user}", headers={} if last is None else {"Last-Event-ID": last})
        response = connection.getresponse()
        assert response.status == 200, response.read()
        assert response.headers["content-type"].startswith("text/event-stream")
        yield Stream(response)
    finally:
        connection.close()
