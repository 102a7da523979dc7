"""Live records: in order, none missed, alike from every replica, in answers that end by themselves."""

from __future__ import annotations

import asyncio
import json
import signal
import threading
import time
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

import postgres
import processes
from biometric import stream
from biometric.bus import PostgresBus, news
from biometric.connections import connector
from biometric.migrate import migrate
from biometric.relational import TURN, turn
from biometric.settings import load
from conftest import NewDatabase
from events import listening
from processes import Service

USER = 7
SAMPLE = Path(__file__).parents[2] / "services" / "biometric" / "sample" / "record.json"
PROMPT_SECONDS = 3.9
"""An event is late after this time; LOOK_SECONDS, after which a stream looks by itself, is longer."""


def post(service: Service, version: int, user: int = USER, key: str | None = None) -> None:
    """Post a record; with a key, under which the service may try again by itself where a connection broke."""
    document = {"userId": user, "tsStart": 0, "tsStop": version, "version": version}
    headers = {"Idempotency-Key": key} if key else {}
    status, _, body = service.request("POST", "/rest/records", json.dumps(document).encode(), headers)
    assert status == 201, body


def position(service: Service) -> str:
    """Return the id that a stream begins with."""
    with listening(service.port, USER) as events:
        first = events.next()
    assert first.data is None, "without a record the id comes alone"
    return first.id


def test_a_stream_begins_with_the_latest_record_and_goes_on_with_new_ones(service: Service) -> None:
    assert PROMPT_SECONDS < stream.LOOK_SECONDS
    post(service, 20)
    post(service, 10)
    with listening(service.port, USER) as events:
        first = events.next()
        assert first.data is not None and (first.version, len(first.data)) == (20, 42)
        for version in (30, 25):
            started = time.monotonic()
            post(service, version)
            post(service, 99, user=USER + 1)
            assert events.next().version == version
            assert time.monotonic() - started < PROMPT_SECONDS
        assert events.retry == stream.RETRY_MS


def test_what_came_meanwhile_follows_the_last_event_id(service: Service) -> None:
    last = position(service)
    for versions in ((1, 2, 3), (4,), (5, 6)):
        for version in versions:
            post(service, version)
        with listening(service.port, USER, last) as events:
            found = [events.next() for _ in versions]
        assert [event.version for event in found] == list(versions)
        last = found[-1].id


def test_more_than_one_read_follows_without_a_pause(service: Service) -> None:
    count = stream.EVENTS * 2 + 3
    last = position(service)
    for start in range(1, count + 1, 1000):
        numbers = range(start, min(start + 1000, count + 1))
        batch = [{"userId": USER, "tsStart": 0, "tsStop": 1, "version": number} for number in numbers]
        assert service.request("POST", "/rest/records:batch", json.dumps(batch).encode())[0] == 201
    started = time.monotonic()
    with listening(service.port, USER, last) as events:
        found = [events.next() for _ in range(count)]
    assert [event.version for event in found] == list(range(1, count + 1))
    assert time.monotonic() - started < stream.LOOK_SECONDS


def test_several_replicas_deliver_alike(stored: dict[str, str], tmp_path: Path) -> None:
    with (
        processes.serving(stored, tmp_path) as one,
        processes.serving(stored, tmp_path) as other,
        listening(one.port, USER) as here,
        listening(other.port, USER) as there,
    ):
        assert here.next().id == there.next().id == "0"
        for version, service in enumerate((one, other, other, one), 1):
            started = time.monotonic()
            post(service, version)
            events = here.next(), there.next()
            assert time.monotonic() - started < PROMPT_SECONDS
            assert events[0] == events[1] and events[0].version == version


def test_a_stream_outlives_a_restart_of_the_database(
    server: postgres.Server, stored: dict[str, str], on_stored: Service
) -> None:
    with listening(on_stored.port, USER) as events:
        assert events.next().data is None
        with server.connect() as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'biometric'"
            )
        for version in (1, 2):
            # A backend may end only after it took the first record, and then only a key makes it safe to try again.
            post(on_stored, version, key=f"restart-{version}")
            assert events.next().version == version


def test_without_the_database_a_stream_is_refused_and_an_open_one_ends(
    server: postgres.Server, stored: dict[str, str], on_stored: Service
) -> None:
    name = stored["DATABASE_NAME"]
    with (
        server.connect() as connection,
        listening(on_stored.port, USER) as events,
    ):
        assert events.next().id == "0"
        connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'.encode())
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        status, headers, body = on_stored.request("GET", f"/rest/stream/{USER}")
        assert (status, headers["content-type"], headers["retry-after"]) == (503, "application/problem+json", "1"), body
        assert list(events) == [], "it ends as if its time were up"
        log = on_stored.log.read_text()
    assert "Traceback" not in log and '"message":"failed"' not in log


def test_large_records_come_in_several_parts(service: Service) -> None:
    last = position(service)
    strings = [key for key, value in json.loads(SAMPLE.read_text()).items() if isinstance(value, str)]
    large = {key: "\x01" * 255 for key in strings}  # six bytes each, as JSON
    batch = [{"userId": USER, "tsStart": 0, "tsStop": 1, "version": number, **large} for number in range(100)]
    for _ in range(2):
        assert service.request("POST", "/rest/records:batch", json.dumps(batch).encode())[0] == 201
    with listening(service.port, USER, last) as events:
        found = [events.next() for _ in range(200)]
    assert [event.version for event in found] == [*range(100), *range(100)]


def test_there_is_a_limit_to_open_streams(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "STREAMS", 0)
    assert client.get(f"/rest/stream/{USER}").status_code == 503


def test_records_of_one_user_are_seen_in_the_order_of_their_numbers(
    server: postgres.Server, stored: dict[str, str], on_stored: Service
) -> None:
    """A number is drawn before its record is committed: without turns, a stream would go past one still on its way."""
    with (
        listening(on_stored.port, USER) as events,
        server.connect(stored["DATABASE_NAME"]) as other,
    ):
        assert events.next().data is None
        post(on_stored, 1)
        assert events.next().id == "1"
        after = threading.Thread(target=post, args=(on_stored, 3))
        with other.transaction():  # another replica, which is slow
            other.execute("SELECT pg_advisory_xact_lock(%s, %s)", [TURN, turn(USER)])
            other.execute("INSERT INTO record (user_id, ts_start, ts_stop, version) VALUES (%s, 0, 2, 2)", [USER])
            post(on_stored, 99, user=USER + 1)  # nobody else waits
            after.start()
            after.join(0.5)
            assert after.is_alive(), "it waits for its turn"
        after.join()
        found = [events.next() for _ in range(2)]
    assert [event.version for event in found] == [2, 3]
    assert int(found[0].id) < int(found[1].id)


def test_news_that_nobody_heard_is_looked_for(server: postgres.Server, new_postgres: NewDatabase) -> None:
    """While the listening connection is away, other replicas' news is lost: whoever waits looks when it is back."""
    variables = new_postgres()

    async def wait_for_news() -> float:
        settings = load(variables)
        assert settings.database is not None
        bus = PostgresBus(connector(settings.database))
        with bus.watch(USER) as watch, server.connect(variables["DATABASE_NAME"]) as other:
            running = asyncio.create_task(bus.run())
            await news(watch, PATIENCE_SECONDS)  # it listens
            assert other.execute(LISTENERS).fetchone() == (1,)
            other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'biometric'")
            started = time.monotonic()
            await news(watch, PATIENCE_SECONDS)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            return time.monotonic() - started

    assert asyncio.run(wait_for_news()) < PROMPT_SECONDS


PATIENCE_SECONDS = 20.0
LISTENERS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'biometric'"


def test_where_answers_are_kept_back_each_ends_with_its_events(variables: dict[str, str], tmp_path: Path) -> None:
    migrate(load(variables), wait_seconds=5)
    with processes.serving(variables | {"RESPONSES_BUFFERED": "true"}, tmp_path) as service:
        post(service, 1)
        with listening(service.port, USER) as events:
            (first,) = events  # to the end
        assert first.version == 1
        assert events.retry == stream.BUFFERED_RETRY_MS
        # The answer is open by then, or the record is there before it: it has to come either way.
        thread = threading.Timer(0.3, post, (service, 2))
        thread.start()
        started = time.monotonic()
        with listening(service.port, USER, first.id) as events:
            (second,) = events
        thread.join()
        assert second.version == 2
        assert time.monotonic() - started < PROMPT_SECONDS


def test_an_answer_ends_by_itself(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert stream.STREAM_SECONDS + stream.LOOK_SECONDS < 31, "an HTTP API gives up after 30 s"
    monkeypatch.setattr(stream, "STREAM_SECONDS", 1.0)
    monkeypatch.setattr(stream, "LOOK_SECONDS", 0.3)
    started = time.monotonic()
    answer = client.get(f"/rest/stream/{USER}")
    assert 0.9 < time.monotonic() - started < 15
    assert answer.text.startswith(f"retry: {stream.RETRY_MS}\n\nid: 0\n\n:\n\n"), "comments are signs of life"
    assert answer.text.count(":\n\n") >= 3


def test_sigterm_ends_streams_at_once(service: Service) -> None:
    with listening(service.port, USER) as events:
        assert events.next().id == "0"
        service.process.send_signal(signal.SIGTERM)
        started = time.monotonic()
        assert list(events) == []
        assert time.monotonic() - started < stream.STREAM_SECONDS / 2
    service.process.wait(timeout=30)


@pytest.mark.parametrize("last", ["", "x", "-1", "1.5", str(2**63), "9" * 30, "²"])
def test_a_wrong_last_event_id_is_named(client: TestClient, last: str) -> None:
    answer = client.get(f"/rest/stream/{USER}", headers={b"Last-Event-ID": last.encode()})
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert [error["field"] for error in answer.json()["errors"]] == ["Last-Event-ID"]


@pytest.mark.parametrize("user", ["0", "x", str(2**63)])
def test_a_wrong_user_is_named(client: TestClient, user: str) -> None:
    answer = client.get(f"/rest/stream/{user}")
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, ["userId"])
