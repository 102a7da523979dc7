"""The service as a process, as a container runs it."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from biometric.settings import TOP_LEVEL

START_SECONDS = 90.0
Found = TypeVar("Found")


def free_port() -> int:
    """Return a loopback port that nothing uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], Found], seconds: float = 10, otherwise: Callable[[], str] = str) -> Found:
    """Wait for something true and return it; when it does not come in time, fail with what ``otherwise`` says."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, otherwise()
        time.sleep(0.01)
    return found


def environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment without what the service reads, plus ``variables``."""
    mine = tuple(name.upper() for name in (*TOP_LEVEL, "database_", "jwt_", "otel_", "aws_"))
    return {key: value for key, value in os.environ.items() if not key.startswith(mine)} | dict(variables)


def run(module: str, variables: Mapping[str, str], timeout: float = 60) -> subprocess.CompletedProcess[str]:
    """Run one of the service's modules to its end."""
    return subprocess.run(
        [sys.executable, "-m", module], env=environment(variables), capture_output=True, text=True, timeout=timeout
    )


@dataclass
class Service:
    """A serving process."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path
    seconds_to_start: float = field(default=0.0)

    def wait_for_log(self, text: str) -> str:
        """Wait until the log has a text, as a request is noted after its answer; return the whole log."""
        wait_until(lambda: text in self.log.read_text(), START_SECONDS, lambda: f"{text!r}: {self.log.read_text()}")
        return self.log.read_text()

    def request(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        """Send one request on a connection of its own; return status, headers and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, dict(headers or {}))
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()


@contextmanager
def serving(variables: Mapping[str, str], folder: Path) -> Iterator[Service]:
    """Start ``python -m biometric``, wait until it is alive, and end it at the end."""
    port = free_port()
    log = folder / f"service-{port}.log"
    started = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "biometric"],
            env=environment({"LISTEN_HOST": "127.0.0.1", "PORT": str(port), **variables}), stdout=output, stderr=output,
        )  # fmt: skip
    service = Service(process, port, log)
    try:
        while not _alive(service):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() - started < START_SECONDS, log.read_text()
            time.sleep(0.02)
        service.seconds_to_start = time.monotonic() - started
        yield service
    finally:
        process.kill()
        process.wait()


def _alive(service: Service) -> bool:
    try:
        return service.request("GET", "/healthz")[0] == 200
    except OSError:
        return False
