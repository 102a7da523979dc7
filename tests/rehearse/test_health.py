"""Waiting for a container to be well: patience with one that starts, none with one that refuses."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import pairwise
from typing import cast

import pytest

from berth.rehearse import health
from berth.rehearse.errors import RehearsalError
from berth.rehearse.podman import Output, Podman
from berth.rehearse.workload import Probe

STEADY = 0.4


class Running:
    """In podman's place: the container runs, and this is its log."""

    def __init__(self, log: str = "") -> None:
        self.log = log

    def attempt(self, command: str, *_: str) -> Output:
        return Output(0, self.log if command == "logs" else "running 0", "")


@contextmanager
def answering(statuses: Sequence[int]) -> Iterator[int]:
    """A service that answers so, one status after the other, and then always the last; give its port."""
    left = list(statuses)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status = left.pop(0) if len(left) > 1 else left[0]
            self.send_response(200 if self.path == "/elsewhere" else status)
            self.send_header("location", "/elsewhere")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


def wait(statuses: Sequence[int], patience: float = 30.0, log: str = "") -> list[str]:
    """Wait for the service to be well; return what was told meanwhile."""
    told: list[str] = []
    probe = Probe("target group", "http", "/healthz", 8080, patience=patience)
    with answering(statuses) as port:
        podman = cast(Podman, Running(log))
        health.wait(podman, "toy", probe, {8080: port}, time.monotonic() + 60, told.append)
    return told


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "STEADY_SECONDS", STEADY)
    monkeypatch.setattr(health, "SAY_SECONDS", 0.0)
    monkeypatch.setattr(health, "PAUSE", 0.01)
    monkeypatch.setattr(health, "LOG_SECONDS", 0.1)


@pytest.mark.parametrize("status", [404, 401, 405, 301])
def test_steady_refusal_is_given_up_early_in_one_line(status: int) -> None:
    with pytest.raises(RehearsalError) as error:
        wait([503, status], log="GET /healthz\n" * 20)
    first, hint = str(error.value).splitlines()
    assert f"refused its target group: /healthz answered {status}" in first
    assert "berth:service.healthPath" in hint


@pytest.mark.parametrize("statuses", [[404, 404, 404, 200], [404, 503, 404, 200]])
def test_refusal_for_a_moment_is_a_start(statuses: Sequence[int]) -> None:
    told = wait(statuses)
    assert told[0].startswith("target group: /healthz answered 404")
    # The same thing is told once.
    assert all(one != other for one, other in pairwise(told))


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_service_that_asks_for_time_has_its_patience(status: int) -> None:
    log = "".join(f"12:00:0{number} GET /healthz {status}\n" for number in range(9))
    with pytest.raises(RehearsalError, match=f"not well after . s: target group: /healthz answered {status}") as error:
        wait([status], patience=2 * STEADY, log=log)
    assert "12:00:08" in str(error.value) and "(9 such lines)" in str(error.value)
    assert len(str(error.value).splitlines()) == 2


def test_lines_that_say_something_else_are_all_kept() -> None:
    assert health.folded(["a 1", "b", "a 2", "a 3"]) == ["a 1", "b", "a 3   (2 such lines)"]
