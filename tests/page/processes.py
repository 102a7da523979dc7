"""The service and its page as processes of this machine, as ``make run`` starts them."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

ROOT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = ROOT / "services/biometric/page"
SAMPLE: Final[dict[str, Any]] = json.loads((ROOT / "services/biometric/sample/record.json").read_text())
START_SECONDS: Final = 90.0
"""The first start may have to install what the service needs."""
_FOREIGN: Final = (
    "DATABASE_", "JWT_", "DYNAMODB_", "OTEL_", "SQLITE_", "VIRTUAL_ENV", "CORS_", "ENVIRONMENT", "LATEST_",
)  # fmt: skip
_KEYS: Final = count()


def uv() -> str | None:
    """Return uv's path, None where there is none."""
    own = ROOT / ".uv/bin/uv"
    return shutil.which("uv") or (str(own) if own.exists() else None)


def free_port() -> int:
    """Return a loopback port that nothing uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment without what the service reads, plus ``variables``."""
    return {key: value for key, value in os.environ.items() if not key.startswith(_FOREIGN)} | dict(variables)


def request(
    url: str, method: str = "GET", body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> tuple[int, http.client.HTTPMessage, bytes]:
    """Send one request on a connection of its own, its path letter by letter; return status, headers and body."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=30)
    try:
        connection.request(method, url.removeprefix(f"{parts.scheme}://{parts.netloc}"), body, dict(headers or {}))
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


def end(process: subprocess.Popen[Any], sign: signal.Signals) -> None:
    """Send a signal to a process and all that it started, and wait for its end."""
    if process.poll() is None:
        os.killpg(process.pid, sign)
    process.wait(30)


def record(user_id: int, stop: int, **values: Any) -> dict[str, Any]:
    """Return the published record as another user's and of another time."""
    return {**SAMPLE, "userId": user_id, "tsStart": stop - 50, "tsStop": stop, **values}


@dataclass
class Service:
    """The API, which may be killed and started again on the same port with the same records."""

    port: int
    folder: Path
    variables: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where the API is."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = [uv() or "uv", "run", "--frozen", "--quiet", "--project", "services/biometric", "--no-dev"]
        log = self.folder / f"service-{self.port}.log"
        variables = {
            "ENVIRONMENT": "development",
            "SQLITE_PATH": str(self.folder / "records.db"),
            "LISTEN_HOST": "127.0.0.1",
            "PORT": str(self.port),
            "DRAIN_SECONDS": "0",
            **self.variables,
        }
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [*command, "python", "-m", "biometric"], cwd=ROOT, env=environment(variables), stdout=output,
                stderr=output, start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + START_SECONDS
        while not self._alive():
            assert self.process.poll() is None and time.monotonic() < deadline, log.read_text()
            time.sleep(0.02)

    def kill(self) -> None:
        """End it as a power cut would: nobody is told."""
        if self.process is not None:
            end(self.process, signal.SIGKILL)

    def signal(self, sign: signal.Signals) -> None:
        """Send a signal to it."""
        assert self.process is not None
        os.killpg(self.process.pid, sign)

    def post(self, *documents: Mapping[str, Any]) -> None:
        """Store records, one after the other, as another client does."""
        for document in documents:
            content = json.dumps(document).encode()
            headers = {"content-type": "application/json", "idempotency-key": f"test-{self.port}-{next(_KEYS)}"}
            status, _, answer = request(f"{self.url}/rest/records", "POST", content, headers)
            assert status == 201, answer

    def records(self, user_id: int | str) -> list[dict[str, Any]]:
        """Return what is stored of a user."""
        answer = json.loads(request(f"{self.url}/rest/records?userId={user_id}&limit=1000")[2])
        return list(answer["records"])

    def _alive(self) -> bool:
        try:
            return request(f"{self.url}/healthz")[0] == 200
        except OSError:
            return False


@contextmanager
def page_for(api: str, *options: str) -> Iterator[str]:
    """Serve the page for an API's address on a free port; give its URL, with a slash at its end."""
    process = subprocess.Popen(
        [sys.executable, str(PAGE / "serve.py"), "--api", api, "--port", "0", *options], stdout=subprocess.PIPE,
        env=environment({}), start_new_session=True, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("The page is at http://127.0.0.1:"), line
        yield line.split()[-1]
    finally:
        end(process, signal.SIGTERM)


@contextmanager
def served(
    folder: Path, variables: Mapping[str, str] | None = None, options: Sequence[str] = ()
) -> Iterator[tuple[Service, str]]:
    """Serve the API on an empty SQLite file, and the page for it; give both."""
    port = free_port()
    with page_for(f"http://127.0.0.1:{port}", *options) as page:
        service = Service(port, folder, {"CORS_ORIGINS": page.rstrip("/"), **(variables or {})})
        try:
            service.start()
            yield service, page
        finally:
            service.kill()
