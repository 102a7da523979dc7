"""What every request passes through: a name, a time limit, a line of log, and an answer whatever happens."""

from __future__ import annotations

import asyncio
import json
import re
import signal
from datetime import datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

import processes
from biometric import guard, logs
from biometric.app import Application
from biometric.settings import Settings
from conftest import sqlite_in

PROBLEM = "application/problem+json"


def test_every_request_has_a_name_in_answer_and_log(tmp_path: Path) -> None:
    with processes.serving(sqlite_in(tmp_path), tmp_path) as service:
        given = {"X-Request-Id": "Jd3bCgq1IAMEPtw=", "traceparent": f"00-{'4bf9' * 8}-00f067aa0ba902b7-01"}
        status, headers, body = service.request("GET", "/rest/read/json/latest/1", headers=given)
        assert (status, headers["x-request-id"]) == (404, "Jd3bCgq1IAMEPtw=")
        assert json.loads(body)["requestId"] == "Jd3bCgq1IAMEPtw="
        log = service.wait_for_log("Jd3bCgq1IAMEPtw=")
        (line,) = [json.loads(line) for line in log.splitlines() if "Jd3bCgq1IAMEPtw=" in line]
        assert line.pop("ms") > 0
        assert datetime.fromisoformat(line.pop("time")).tzinfo is not None
        assert line == {
            "level": "info", "logger": "biometric.request", "message": "request", "request_id": "Jd3bCgq1IAMEPtw=",
            "trace_id": "4bf9" * 8, "method": "GET", "route": "/rest/read/json/latest/{userId}", "status": 404,
        }  # fmt: skip
        forged = {"X-Request-Id": 'x","level":"error'}
        names = [service.request("GET", "/healthz", headers=more)[1]["x-request-id"] for more in ({}, {}, forged)]
        assert len(set(names)) == 3
        assert all(re.fullmatch("[0-9a-f]{16}", name) for name in names)


def test_every_line_of_the_log_is_json_and_health_is_not_noted(service: processes.Service) -> None:
    for path in ("/healthz", "/readyz", "/rest/users", "/nothing", "/healthz"):
        service.request("GET", path)
    service.wait_for_log('"status":404')
    service.process.send_signal(signal.SIGTERM)
    service.process.wait(timeout=10)
    lines = [json.loads(line) for line in service.log.read_text().splitlines()]
    assert {"time", "level", "logger", "message"} <= set.intersection(*(set(line) for line in lines))
    assert [line["route"] for line in lines if line["message"] == "request"] == ["/rest/users", None]


def test_a_request_that_takes_too_long_is_answered(
    migrated: Settings, monkeypatch: pytest.MonkeyPatch, sample: bytes
) -> None:
    async def never(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(guard, "REQUEST_SECONDS", 0.2)
    application = Application(migrated)
    monkeypatch.setattr(application.store, "add", never)
    with TestClient(application) as client:
        answer = client.post("/rest/records", content=sample)
        assert (answer.status_code, answer.headers["content-type"]) == (503, PROBLEM)
        assert answer.headers["retry-after"] == "1"
        assert "longer than 0.2 s" in answer.json()["detail"]


def test_a_fault_of_our_own_is_answered_and_logged_without_its_words(
    migrated: Settings, monkeypatch: pytest.MonkeyPatch, sample: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise ValueError("f21czytu117t")

    application = Application(migrated)
    monkeypatch.setattr(application.store, "add", fail)
    monkeypatch.setattr(application.store.relational, "users", fail)
    with TestClient(application) as client:
        for answer in (client.post("/rest/records", content=sample), client.get("/rest/users")):
            assert (answer.status_code, answer.headers["content-type"]) == (500, PROBLEM)
            assert "f21czytu117t" not in answer.text
    failed = [record for record in caplog.records if record.message == "failed"]
    assert len(failed) == 2
    for record in failed:
        text = logs.JsonFormatter().format(record)
        assert "ValueError" in text
        assert "f21czytu117t" not in text
        assert any("test_guard.py" in frame for frame in json.loads(text)["stack"])


def test_pages_of_named_origins_may_call(migrated: Settings) -> None:
    page = {"Origin": "http://127.0.0.1:8081"}
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "idempotency-key,content-type"}
    settings = migrated.model_copy(update={"cors_origins": ("http://127.0.0.1:8081",)})
    with TestClient(Application(settings)) as client:
        answer = client.options("/rest/records", headers=page | asked)
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, page["Origin"])
        assert client.get("/rest/users", headers=page).headers["access-control-allow-origin"] == page["Origin"]
        other = client.get("/rest/users", headers={"Origin": "http://evil.example"})
        assert "access-control-allow-origin" not in other.headers
    with TestClient(Application(migrated)) as client:
        assert "access-control-allow-origin" not in client.get("/rest/users", headers=page).headers
