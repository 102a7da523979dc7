"""The load of a rehearsed move: clients in a process of their own, and what they saw."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from berth.rehearse.errors import RehearsalError
from berth.rehearse.podman import Podman
from berth.rehearse.proxy import HEADER

PROGRAM: Final = Path(__file__).parent / "clients.py"
SILENCE_SECONDS: Final = 120.0
"""Longest wait for the next answer: more than a client waits for one."""
PAUSE: Final = 0.05


@dataclass(frozen=True)
class Ask:
    """What clients ask of one service, one request after the other."""

    url: str
    """Where, e.g. ``http://127.0.0.1:8080``."""
    host: str | None
    path: str = "/"
    statuses: Sequence[int] = (200,)
    record: Mapping[str, Any] | None = None
    """A record to post and read in place of ``path``, each time as another user's."""
    post: str = ""
    """Path that takes it."""
    latest: str = ""
    """Path before the user's number, which answers with the latest record of that user."""


@dataclass(frozen=True)
class Answer:
    """What came of one request; moments are of the monotonic clock, which is the same for all processes."""

    sent: float
    done: float
    kind: Literal["read", "record", "back"]
    """``back``: a record that was accepted is read once more at the end."""
    who: str | None
    """The mooring that answered; None if none did."""
    problem: str | None
    """Why it counts as failed."""

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.done - self.sent


@dataclass
class Load:
    """The clients that run, and all that they saw so far."""

    process: subprocess.Popen[str]
    answers: list[Answer] = field(default_factory=list)

    def until(self, ready: Callable[[], bool], watch: Callable[[], bool] = lambda: False) -> bool:
        """Wait until something is so, while the clients go on; end early when ``watch`` says so.

        Returns:
            Whether it is so.

        Raises:
            RehearsalError: The clients have ended, or nobody answers them any more.
        """
        count, since = len(self.answers), time.monotonic()
        while not ready():
            if watch():
                return False
            now = time.monotonic()
            if len(self.answers) != count:
                count, since = len(self.answers), now
            if self.process.poll() is not None or now - since > SILENCE_SECONDS:
                raise RehearsalError(f"the clients got no answer for {now - since:.0f} s, after {count} of them")
            time.sleep(PAUSE)
        return True

    def until_more(self, requests: int, watch: Callable[[], bool] = lambda: False) -> bool:
        """Wait until so many more requests were answered."""
        goal = len(self.answers) + requests
        return self.until(lambda: len(self.answers) >= goal, watch)

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.answers.append(Answer(*json.loads(line)))


@contextmanager
def running(podman: Podman, clients: int, asks: Sequence[Ask]) -> Iterator[Load]:
    """Let clients ask while the block runs; at its end they have read back every record that was accepted.

    Args:
        podman: Starts and ends them, as everything else.
        clients: Requests at once at most.
        asks: What each of them asks in turn.

    Raises:
        RehearsalError: They ended with an error of their own.
    """
    process = podman.start([sys.executable, "-I", str(PROGRAM)], stdin=subprocess.PIPE, stderr=None)
    load = Load(process)
    reader = threading.Thread(target=load._read, daemon=True)
    assert process.stdin is not None
    try:
        given = {"clients": clients, "asks": [asdict(ask) for ask in asks], "header": HEADER}
        process.stdin.write(json.dumps(given) + "\n")
        process.stdin.flush()
        reader.start()
        yield load
        process.stdin.close()
        reader.join()
        if process.wait():
            raise RehearsalError("the clients that ask during the move failed, see above")
    finally:
        podman.end(process)
        podman.forget(process)
