"""Batches, pages, users and retries, on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, event, select, update

from biometric import inputs, relational, store, stream
from biometric.app import Application
from biometric.models import AttemptRow
from biometric.relational import users_query
from biometric.schema import BATCH_RECORDS
from biometric.settings import Settings, load
from conftest import synchronous
from processes import wait_until

RECORDS = "/rest/records"
BATCH = "/rest/records:batch"
PROBLEM = "application/problem+json"


def record(user: int = 3, stop: int = 20, **more: Any) -> dict[str, Any]:
    return {"userId": user, "tsStart": 1, "tsStop": stop, **more}


def post(client: TestClient, document: object, key: str | None = None, path: str = RECORDS) -> Any:
    return client.post(path, content=json.dumps(document), headers={} if key is None else {"Idempotency-Key": key})


def versions(client: TestClient, user: int = 3, **parameters: Any) -> list[int]:
    """Follow the pages of a user's records to the end."""
    found: list[int] = []
    for page in pages(client, RECORDS, {"userId": user, **parameters}):
        found += [one["version"] for one in page["records"]]
    return found


def pages(client: TestClient, path: str, parameters: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield page after page."""
    cursor: dict[str, Any] = {}
    for _ in range(100):
        answer = client.get(path, params={**parameters, **cursor})
        assert answer.status_code == 200, answer.text
        yield answer.json()
        if answer.json()["next"] is None:
            return
        cursor = {"cursor": answer.json()["next"]}
    raise AssertionError("the pages do not come to an end")


# Retries


def test_a_retry_stores_nothing_twice(client: TestClient, sample: bytes) -> None:
    key = str(uuid4())
    first = client.post(RECORDS, content=sample, headers={"Idempotency-Key": key})
    again = client.post(RECORDS, content=b" " + sample, headers={"Idempotency-Key": key})
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content == sample
    assert ("idempotent-replayed" in first.headers, again.headers["idempotent-replayed"]) == (False, "true")
    assert len(versions(client, 202004285)) == 1
    assert client.post(RECORDS, content=sample).status_code == 201, "without a key it is another record"
    assert len(versions(client, 202004285)) == 2


def test_retries_at_once_store_one_record(client: TestClient) -> None:
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: post(client, record(version=1), "the-same").status_code, range(24)))
    assert answers == [201] * 24
    assert versions(client) == [1]


def test_a_key_belongs_to_one_document(client: TestClient) -> None:
    assert post(client, record(version=1), "key").status_code == 201
    answer = post(client, record(version=2), "key")
    assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM)
    assert "Idempotency-Key" in answer.json()["detail"]
    assert post(client, [record(version=1), record(version=1)], "key", BATCH).status_code == 422
    assert versions(client) == [1]


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256, "\x7f", "\xe9"])
def test_a_key_that_is_none_is_refused(client: TestClient, key: str) -> None:
    answer = client.post(RECORDS, content=json.dumps(record()), headers={b"Idempotency-Key": key.encode("latin-1")})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "Idempotency-Key")
    assert versions(client) == []


def test_a_refused_record_leaves_its_key_free(client: TestClient) -> None:
    assert post(client, record(speed="fast"), "key").status_code == 422
    assert post(client, record(speed=1.0), "key").status_code == 201


def test_old_keys_are_forgotten_and_young_ones_are_not(client: TestClient, migrated: Settings) -> None:
    for key in ("old", "young"):
        assert post(client, record(), key).status_code == 201
    engine = create_engine(synchronous(migrated.url))
    with engine.begin() as connection:
        long_ago = datetime.now(UTC) - timedelta(hours=relational.ATTEMPT_HOURS, minutes=1)
        connection.execute(update(AttemptRow).where(AttemptRow.key == "old").values(created_at=long_ago))
    kept = client.app.store  # type: ignore[attr-defined]
    assert client.portal is not None
    assert client.portal.call(kept.relational.forget_attempts) == 1
    with engine.connect() as connection:
        assert connection.scalars(select(AttemptRow.key)).all() == ["young"]
    engine.dispose()


def test_forgetting_goes_on_after_an_error(migrated: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = 0

    async def fail() -> int:
        nonlocal tries
        tries += 1
        raise ValueError("f21czytu117t")

    monkeypatch.setattr(store, "FORGET_SECONDS", 0.01)
    application = Application(migrated)
    monkeypatch.setattr(application.store.relational, "forget_attempts", fail)
    with TestClient(application) as client:
        wait_until(lambda: client.get("/healthz") and tries >= 3)


# Batches


def test_a_batch_is_few_statements_whatever_is_null_in_it(client: TestClient) -> None:
    """Left out, nulls would make each pattern of them a statement of its own."""
    statements: list[str] = []
    engine = client.app.store.relational._engine.sync_engine  # type: ignore[attr-defined]
    event.listen(engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    values: dict[str, Any] = {"speed": 1.0, "temp": 2.0, "bearing": 3, "light": "x", "accuracy": 4.0, "altitude": 5.0}
    batch = [
        record(**{name: value for bit, (name, value) in enumerate(values.items()) if number >> bit & 1})
        for number in range(64)
    ]
    assert post(client, batch, path=BATCH).status_code == 201
    assert sum("INSERT INTO record" in statement for statement in statements) == 1


@pytest.mark.parametrize("path", [RECORDS, BATCH])
def test_rubbish_costs_who_sends_it_more_than_who_gets_it(client: TestClient, path: str) -> None:
    limit = inputs.BATCH_BYTES if path == BATCH else inputs.RECORD_BYTES
    keys = {f"k{number}": 1 for number in range(limit // 14)}
    rubbish = json.dumps({**record(), **keys})
    started = time.process_time()
    answer = client.post(path, content=f"[{rubbish}]" if path == BATCH else rubbish)
    assert answer.status_code == 422, answer.text[:200]
    assert len(answer.content) < 300_000
    assert time.process_time() - started < 5


def test_a_name_that_a_client_made_up_is_not_repeated_for_ever(client: TestClient) -> None:
    answer = post(client, record(**{"x" * 10_000: 1}))
    assert answer.json()["errors"][0]["field"] == "x" * 64


def test_a_batch_is_stored_in_its_order(client: TestClient) -> None:
    documents = [record(version=number, user=3 + number % 2) for number in range(BATCH_RECORDS)]
    answer = post(client, documents, path=BATCH)
    assert (answer.status_code, answer.json()) == (201, {"stored": BATCH_RECORDS})
    for user in (3, 4):
        # They all stopped at once, so that their order is that of arrival.
        assert versions(client, user) == list(range(user - 3, BATCH_RECORDS, 2))


def test_a_batch_is_stored_whole_or_not_at_all(client: TestClient) -> None:
    answer = post(client, [record(version=1), record(version=2, tsStop=0), record(version=3, colour=1)], path=BATCH)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["1.tsStop", "2.colour"]
    assert versions(client) == []


def test_a_retried_batch_stores_nothing_twice(client: TestClient) -> None:
    batch = [record(version=number) for number in range(3)]
    first, again = (post(client, batch, "key", BATCH) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert ("idempotent-replayed" in first.headers, again.headers["idempotent-replayed"]) == (False, "true")
    assert versions(client) == [0, 1, 2]


def test_batches_with_the_same_users_do_not_wait_for_each_other_for_ever(client: TestClient) -> None:
    def send(turn: int) -> int:
        users = range(1, 30) if turn % 2 else range(29, 0, -1)
        return int(post(client, [record(user) for user in users], path=BATCH).status_code)

    with ThreadPoolExecutor(6) as threads:
        assert set(threads.map(send, range(18))) == {201}


@pytest.mark.parametrize("documents", [[], {}, None, [record()] * (BATCH_RECORDS + 1), [[record()]]])
def test_what_is_no_batch_is_refused(client: TestClient, documents: object) -> None:
    answer = post(client, documents, path=BATCH)
    assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM)


def test_a_large_batch_is_refused(client: TestClient) -> None:
    assert client.post(BATCH, content=b" " * (inputs.BATCH_BYTES + 1)).status_code == 413


# Pages


def test_pages_have_every_record_once_and_in_order(client: TestClient) -> None:
    stops = (50, 10, 30, 30, 30, 20, 40)
    for version, stop in enumerate(stops):
        assert post(client, record(stop=stop, version=version)).status_code == 201
    assert post(client, record(user=4, version=99)).status_code == 201
    expected = [1, 5, 2, 3, 4, 6, 0]
    for limit in (1, 2, 3, 6, 7, 1000):
        assert versions(client, limit=limit) == expected
        assert versions(client, limit=limit, order="desc") == expected[::-1]
    assert versions(client, **{"from": 20, "to": 40}) == [5, 2, 3, 4], "from is the first, to is the first too late"
    assert versions(client, limit=2, **{"from": 30, "to": 31}) == [2, 3, 4]
    assert versions(client, user=5) == []


def test_a_page_of_large_records_is_cut(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """The gateway hands on no answer above 10 MB: less than what was asked for is a page as well."""
    monkeypatch.setattr(stream, "ANSWER_BYTES", 2500)
    for version in range(7):
        assert post(client, record(version=version)).status_code == 201
    (first, *_) = pages(client, RECORDS, {"userId": 3, "limit": 1000})
    assert 1 <= len(first["records"]) < 7
    for order, expected in (("asc", [0, 1, 2, 3, 4, 5, 6]), ("desc", [6, 5, 4, 3, 2, 1, 0])):
        assert versions(client, limit=1000, order=order) == expected


def test_a_page_has_whole_documents(client: TestClient, sample: bytes) -> None:
    client.post(RECORDS, content=sample)
    answer = client.get(RECORDS, params={"userId": 202004285})
    assert answer.content == b'{"records":[' + sample + b'],"next":null}'


WRONG = {
    "userId": ["", "x", "0", "-1", str(2**63)],
    "from": ["x", "-1", "1.5", str(10**18)],
    "to": ["x"],
    "limit": ["0", "1001", "x"],
    "order": ["up"],
    "cursor": ["x", "MQ", "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAuMQ", "é", "OTk5OTk5OTk5OTk5OTk5OTk5OS4x", "MS4yLjM"],
}


@pytest.mark.parametrize("name, value", [(name, value) for name, values in WRONG.items() for value in values])
def test_a_wrong_parameter_is_named(client: TestClient, name: str, value: str) -> None:
    answer = client.get(RECORDS, params={"userId": "3", name: value})
    assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM)
    assert [error["field"] for error in answer.json()["errors"]] == [name]


# Users


def test_users_are_listed_by_their_latest_record(client: TestClient) -> None:
    for user in (5, 2, 9, 7, 2**62):
        for stop, rate in ((10, 60), (30, 80), (20, 70)):
            document = record(user, stop, heartRate2=rate + user % 10, lattitude=1.5, longitude=None, speed=0.0)
            assert post(client, document).status_code == 201
    for limit in (1, 2, 4, 5, 1000):
        users = [user for page in pages(client, "/rest/users", {"limit": limit}) for user in page["users"]]
        assert [user["userId"] for user in users] == [2, 5, 7, 9, 2**62]
    place = {"lattitude": 1.5, "longitude": None}
    assert users[0] == {"userId": 2, "tsStop": 30, **place, "heartRate1": None, "heartRate2": 82, "speed": 0.0}


def test_without_records_there_are_no_users(client: TestClient) -> None:
    assert client.get("/rest/users").json() == {"users": [], "next": None}


def test_users_cost_what_users_cost(stored: dict[str, str]) -> None:
    """The index is walked from user to user; that a user has many records changes nothing."""
    engine = create_engine(synchronous(load(stored).url))
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO record (user_id, ts_start, ts_stop)"
            " SELECT user_id, 1, stop FROM generate_series(1, 3) user_id, generate_series(1, 2000) stop"
        )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE record")
        query = users_query(0, 10).compile(engine, compile_kwargs={"literal_binds": True})
        plan = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}").scalar_one()[0]["Plan"]
    engine.dispose()
    assert plan["Actual Rows"] == 3
    assert rows_read(plan) < 30


def rows_read(node: dict[str, Any]) -> float:
    """Return how many rows the scans of a plan have touched, those that were thrown away as well."""
    touched = node["Actual Rows"] + node.get("Rows Removed by Filter", 0) if "Scan" in node["Node Type"] else 0
    return float(touched * node["Actual Loops"]) + sum(rows_read(child) for child in node.get("Plans", ()))


def test_the_application_can_be_made_twice(migrated: Settings) -> None:
    for _ in range(2):
        with TestClient(Application(migrated)) as client:
            assert client.get("/rest/users").status_code == 200
