"""The service as a process: starting, stopping, what it says and what it does not."""

from __future__ import annotations

import asyncio
import http.server
import signal
import socket
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

import postgres
import processes
from biometric.relational import make_engine
from biometric.server import CLOSING_SECONDS, times
from biometric.settings import Settings, load
from conftest import sqlite_in, with_schema
from processes import Service

USER = 202004285
DEVELOPMENT = {"ENVIRONMENT": "development"}


def test_it_starts_from_nothing_and_keeps_the_record(tmp_path: Path, sample: bytes) -> None:
    variables = sqlite_in(tmp_path)
    with processes.serving(variables, tmp_path) as service:
        assert service.request("GET", "/readyz")[0] == 200
        assert service.request("POST", "/rest/records", sample)[0] == 201
    with processes.serving(variables, tmp_path) as service:
        assert service.request("GET", "/rest/read/json/latest/202004285")[2] == sample


SAFE = {
    "x-content-type-options": "nosniff", "cache-control": "no-store", "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "strict-transport-security": "max-age=31536000",
}  # fmt: skip


def test_headers(tmp_path: Path, sample: bytes) -> None:
    with processes.serving(sqlite_in(tmp_path), tmp_path) as service:
        for method, path, body in (("GET", "/healthz", None), ("POST", "/rest/records", sample), ("GET", "/no", None)):
            _, headers, _ = service.request(method, path, body)
            assert "server" not in headers
            assert {name: headers[name] for name in SAFE} == SAFE


def test_no_log_level_shows_a_records_content(variables: dict[str, str], tmp_path: Path, sample: bytes) -> None:
    with processes.serving(with_schema(variables) | {"LOG_LEVEL": "debug"}, tmp_path) as service:
        assert service.request("POST", "/rest/records", sample)[0] == 201
        assert service.request("GET", "/rest/read/json/latest/202004285")[0] == 200
        assert service.request("POST", "/rest/records", sample.replace(b'"f21czytu117t"', b'"a\\u0000"'))[0] == 422
        log = service.wait_for_log('"status":422')
    assert "startup complete" in log
    for content in ("f21czytu117t", "5.122996", "-23.831520", "202004285", "1588114545442"):
        assert content not in log


def test_what_the_database_refuses_is_logged_without_the_row(
    server: postgres.Server, stored: dict[str, str], on_stored: Service, sample: bytes
) -> None:
    """PostgreSQL quotes the whole row when a constraint fails, as one could that a later migration adds."""
    with server.connect(stored["DATABASE_NAME"]) as connection:
        connection.execute("ALTER TABLE record ADD CHECK (heart_rate2 < 90)")
    status, _, body = on_stored.request("POST", "/rest/records", sample)
    assert (status, b"f21czytu117t" in body) == (500, False)
    assert "f21czytu117t" not in on_stored.wait_for_log("CheckViolationError 23514")


def test_an_error_of_the_database_quotes_no_value(settings: Settings) -> None:
    async def ask() -> None:
        engine = make_engine(settings)
        try:
            async with engine.connect() as connection:
                await connection.execute(text("SELECT :value FROM nowhere"), {"value": "f21czytu117t"})
        finally:
            await engine.dispose()

    with pytest.raises(DBAPIError) as caught:
        asyncio.run(ask())
    assert "nowhere" in str(caught.value)
    assert "f21czytu117t" not in str(caught.value)


@pytest.mark.parametrize("module", ["biometric", "biometric.migrate"])
def test_an_unusable_environment_is_one_clear_error(module: str) -> None:
    done = processes.run(module, {"DATABASE_HOST": "db.example"})
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    for name in ("PORT", "NAME", "USER", "PASSWORD"):
        assert f"DATABASE_{name}: missing" in done.stderr


def test_an_unusable_sqlite_path_is_one_clear_error(tmp_path: Path) -> None:
    done = processes.run("biometric", sqlite_in(tmp_path / "nowhere"))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "nowhere/records.db cannot be used: OperationalError: unable to open database file" in done.stderr


def test_sigterm_lets_a_request_under_way_finish(service: Service, sample: bytes) -> None:
    with socket.create_connection(("127.0.0.1", service.port), timeout=10) as client:
        head = f"POST /rest/records HTTP/1.1\r\nHost: x\r\nContent-Length: {len(sample)}\r\n\r\n".encode()
        client.sendall(head + sample[:100])
        assert service.request("GET", "/healthz")[0] == 200  # by now the first half has been read as well
        service.process.send_signal(signal.SIGTERM)
        wait_until_closed(service.port)
        client.sendall(sample[100:])
        answer = b"".join(iter(lambda: client.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 201 ") and answer.endswith(sample)
    service.process.wait(timeout=30)
    assert "Application shutdown complete" in service.log.read_text()


def test_on_sigterm_it_is_unready_and_still_answers_for_a_moment(tmp_path: Path, sample: bytes) -> None:
    with processes.serving(sqlite_in(tmp_path) | {"DRAIN_SECONDS": "3"}, tmp_path) as service:
        assert service.request("GET", "/readyz")[0] == 200
        service.process.send_signal(signal.SIGTERM)
        wait_until_unready(service)
        status, headers, body = service.request("GET", "/readyz")
        assert (status, headers["connection"], b"shutting down" in body) == (503, "close", True)
        assert service.request("GET", "/healthz")[0] == 200, "it is alive: nobody should kill it now"
        assert service.request("POST", "/rest/records", sample)[0] == 201
        service.process.wait(timeout=30)
    with processes.serving(sqlite_in(tmp_path), tmp_path) as service:
        assert service.request("GET", f"/rest/read/json/latest/{USER}")[2] == sample


def test_a_second_signal_ends_the_drain(tmp_path: Path) -> None:
    with processes.serving(sqlite_in(tmp_path) | {"DRAIN_SECONDS": "14"}, tmp_path) as service:
        started = time.monotonic()
        service.process.send_signal(signal.SIGTERM)
        wait_until_unready(service)
        service.process.send_signal(signal.SIGTERM)
        service.process.wait(timeout=30)
        assert time.monotonic() - started < 14


def wait_until_unready(service: processes.Service) -> None:
    """Wait until the service says that it leaves."""
    processes.wait_until(lambda: service.request("GET", "/readyz")[0] != 200)


@pytest.mark.parametrize("shutdown, drain", [(1, 0.0), (2, 2.0), (3, 30.0), (5, 2.0), (30, 2.0), (120, 119.0)])
def test_the_parts_of_the_end_fit_the_grace_period(shutdown: int, drain: float) -> None:
    settings = load(DEVELOPMENT | {"SHUTDOWN_SECONDS": str(shutdown), "DRAIN_SECONDS": str(drain)})
    draining, finishing = times(settings)
    assert 0 <= draining <= drain
    assert finishing >= 1
    assert draining + finishing <= max(shutdown - CLOSING_SECONDS, 1.5)


def test_sigterm_does_not_wait_for_ever(tmp_path: Path) -> None:
    variables = sqlite_in(tmp_path) | {"SHUTDOWN_SECONDS": "3"}
    with (
        processes.serving(variables, tmp_path) as service,
        socket.create_connection(("127.0.0.1", service.port), timeout=10) as client,
    ):
        client.sendall(b"POST /rest/records HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{")
        assert service.request("GET", "/healthz")[0] == 200
        service.process.send_signal(signal.SIGTERM)
        service.process.wait(timeout=30)


def wait_until_closed(port: int) -> None:
    """Wait until the service accepts no new connection."""

    def closed() -> bool:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            return True
        return False

    processes.wait_until(closed)


def test_the_health_check(tmp_path: Path) -> None:
    with processes.serving(sqlite_in(tmp_path), tmp_path) as service:
        assert processes.run("biometric.health", {"PORT": str(service.port)}).returncode == 0
    done = processes.run("biometric.health", {"PORT": str(service.port)})
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert f"no answer from port {service.port}" in done.stderr


def test_the_health_check_fails_on_another_status() -> None:
    class Refusing(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(503)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Refusing) as stub:
        threading.Thread(target=stub.serve_forever, daemon=True).start()
        done = processes.run("biometric.health", {"PORT": str(stub.server_port)})
        stub.shutdown()
    assert (done.returncode, done.stderr) == (1, "biometric: /healthz answered 503\n")
