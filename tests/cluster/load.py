"""A steady load on the service, which notes every answer that is not the right one."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from berth.rehearse.roundtrip import POST_PATH, READ_PATH, differences, load, parse, request

THREADS = 4
PAUSE = 0.02
"""Seconds between two requests of a thread: enough to leave the two cores to the pods."""
TIMEOUT = 10.0


@dataclass
class Load:
    """Requests from several threads, every one on a connection of its own, until the block ends.

    Reads and writes take turns. A connection that a client keeps would meet a server that closes it while it is idle,
    which clients repeat by themselves: that is no loss, and hides none here.
    """

    url: str
    sample: Path
    answered: int = 0
    failures: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        """Start."""
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._started = time.monotonic()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(THREADS)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Let the requests under way finish."""
        self._stop.set()
        for thread in self._threads:
            thread.join(2 * TIMEOUT)
        self.seconds = time.monotonic() - self._started

    def _run(self) -> None:
        body, document = load(self.sample)
        while not self._stop.wait(PAUSE):
            for problem in (self._post(body), self._read(document)):
                with self._lock:
                    self.answered += problem is None
                    if problem is not None:
                        self.failures.append(f"after {time.monotonic() - self._started:.2f} s: {problem}")

    def _post(self, body: bytes) -> str | None:
        try:
            status, text = request(self.url + POST_PATH, body, TIMEOUT)
        except OSError as error:
            return f"POST: {error!r}"
        return None if status == 201 else f"POST: {status} {text[:200]}"

    def _read(self, document: dict[str, object]) -> str | None:
        try:
            status, text = request(f"{self.url}{READ_PATH}{document['userId']}", timeout=TIMEOUT)
            if status != 200:
                return f"GET: {status} {text[:200]}"
            wrong = differences(document, parse(text))
        except (OSError, ValueError) as error:
            return f"GET: {error!r}"
        return f"GET: {wrong[0]}" if wrong else None
