"""The REST interface, on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
import socket
import time
from itertools import count
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, example, given
from hypothesis import settings as examples

import documents
import postgres
from biometric.app import Application
from biometric.settings import Settings, load
from processes import free_port

LATEST = "/rest/read/json/latest"
SMALLEST = {"tsStart": 1, "tsStop": 2, "userId": 3}
USERS = count(1)


def post(client: TestClient, document: bytes | dict[str, Any]) -> Any:
    return client.post("/rest/records", content=document if isinstance(document, bytes) else json.dumps(document))


def errors(response: Any) -> dict[str, str]:
    """Return field to message of an answer that must be 422."""
    assert response.status_code == 422, response.text
    assert response.headers["content-type"] == "application/problem+json"
    return {error["field"]: error["message"] for error in response.json()["errors"]}


def test_the_published_record_comes_back_byte_for_byte(client: TestClient, sample: bytes) -> None:
    posted = post(client, sample)
    assert (posted.status_code, posted.headers["content-type"]) == (201, "application/json")
    assert posted.content == sample
    read = client.get(f"{LATEST}/202004285")
    assert (read.status_code, read.headers["content-type"]) == (200, "application/json")
    assert read.content == sample
    assert b'"speed":0.0,' in read.content and b'"id":null,' in read.content


# -0.0 is a double that SQLite does not keep; it is equal to 0.0, so `==` below is fair to both databases.
@given(document=documents.records())
@example(
    document={**SMALLEST, "speed": 5e-324, "temp": -1.7976931348623157e308, "accuracy": 0.1 + 0.2, "altitude": 1e22}
)
@example(document={**SMALLEST, "light": '\u2028\U0001f6a2\x7f\x01"\\', "provider": "", "geohash": "\U0001f6a2" * 255})
@example(document={**SMALLEST, "id": 2**63 - 1, "recvSeq": -(2**63), "bearing": 2**31 - 1, "version": -(2**31)})
@examples(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_valid_record_comes_back(client: TestClient, document: dict[str, Any]) -> None:
    document = document | {"userId": next(USERS)}  # so that "latest" is this one
    expected = {key: document.get(key) for key in documents.KEYS}
    posted = post(client, document)
    assert posted.status_code == 201, posted.text
    read = client.get(f"{LATEST}/{document['userId']}")
    for what, answer in (("answered", posted.content), ("read", read.content)):
        found = json.loads(answer)
        assert list(found) == documents.KEYS, f"{what}: every key, in order"
        assert found == expected, what
        assert {key: type(found[key]) for key in found} == {key: type(expected[key]) for key in found}, what


def test_a_double_given_without_a_fraction_is_a_double(client: TestClient) -> None:
    assert b'"speed":5.0,' in post(client, {**SMALLEST, "speed": 5}).content
    assert b'"speed":5.0,' in client.get(f"{LATEST}/3").content


def test_latest_is_by_tsstop_then_by_arrival(client: TestClient) -> None:
    for ts_stop, version in ((20, 1), (10, 2), (30, 3), (25, 4), (30, 5), (29, 6)):
        assert post(client, {"userId": 7, "tsStart": 0, "tsStop": ts_stop, "version": version}).status_code == 201
    assert post(client, {"userId": 8, "tsStart": 0, "tsStop": 99, "version": 7}).status_code == 201
    assert client.get(f"{LATEST}/7").json()["version"] == 5


def test_a_records_own_id_may_repeat(client: TestClient) -> None:
    for version in (1, 2):
        assert post(client, {**SMALLEST, "id": 12, "version": version}).status_code == 201
    assert (client.get(f"{LATEST}/3").json()["id"], client.get(f"{LATEST}/3").json()["version"]) == (12, 2)


def test_an_unknown_user_is_not_found(client: TestClient) -> None:
    answer = client.get(f"{LATEST}/404404")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == "there is no record of this user"


@pytest.mark.parametrize("user", ["x", "1.5", str(2**63), "9" * 5000, "%00", "-"])
def test_a_wrong_user_is_named(client: TestClient, user: str) -> None:
    assert list(errors(client.get(f"{LATEST}/{user}"))) == ["userId"]


@pytest.mark.parametrize("key", documents.REQUIRED)
def test_a_required_key_may_be_neither_null_nor_absent(client: TestClient, key: str) -> None:
    assert list(errors(post(client, {**SMALLEST, key: None}))) == [key]
    assert list(errors(post(client, {name: value for name, value in SMALLEST.items() if name != key}))) == [key]


WRONG = {
    "a quoted integer": ("heartRate2", '"91"'),
    "an integer with a fraction": ("heartRate2", "91.0"),
    "an integer past 32 bits": ("heartRate2", str(2**31)),
    "a long past 64 bits": ("recvSeq", str(2**63)),
    "a truth value for an integer": ("bearing", "true"),
    "a quoted double": ("speed", '"0.0"'),
    "a truth value for a double": ("speed", "false"),
    "not a number": ("speed", "NaN"),
    "infinity": ("speed", "-Infinity"),
    "a double past its range": ("speed", "1e999"),
    "an integer past a double's range": ("speed", "1" + "0" * 400),
    "a number for a string": ("teslaY", "-23.831520"),
    "a list for a string": ("teslaY", '["a"]'),
    "a NUL character": ("teslaY", r'"a\u0000b"'),
    "a string that is too long": ("teslaY", '"' + "x" * 256 + '"'),
    "an unknown key": ("latitude", "45.3"),
    "a column's name": ("heart_rate2", "91"),
    "the table's own key": ("arrival", "1"),
}


@pytest.mark.parametrize("key, value", WRONG.values(), ids=WRONG.keys())
def test_a_wrong_value_is_named(client: TestClient, key: str, value: str) -> None:
    answer = post(client, f'{{"tsStart":1,"tsStop":2,"userId":3,"{key}":{value}}}'.encode())
    assert list(errors(answer)) == [key]
    assert key in answer.json()["detail"]
    assert client.get(f"{LATEST}/3").status_code == 404, "nothing was stored"


def test_everything_wrong_is_listed_at_once(client: TestClient) -> None:
    found = errors(post(client, b'{"tsStart":null,"tsStop":2,"light":1,"x":2}'))
    assert found.keys() == {"tsStart", "userId", "light", "x"}


BROKEN = {
    "nothing": b"",
    "cut off": b'{"userId":1',
    "a list": b"[]",
    "a string": b'"record"',
    "null": b"null",
    "two documents": b"{}{}",
    "half a surrogate pair": rb'{"light":"\ud800"}',
    "not UTF-8": b'{"light":"\xff"}',
    "a number of thousands of digits": b'{"recvSeq":' + b"9" * 5000 + b"}",
    "deep": b'{"light":' + b"[" * 30000,
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN.keys())
def test_broken_json_is_refused(client: TestClient, body: bytes) -> None:
    assert all(errors(post(client, body)).values())


def test_a_large_body_is_refused(client: TestClient, sample: bytes) -> None:
    assert post(client, sample + b" " * (64 * 1024 - len(sample))).status_code == 201
    assert post(client, sample + b" " * (64 * 1024 - len(sample) + 1)).status_code == 413


def test_errors_repeat_no_value(client: TestClient) -> None:
    assert "secret" not in post(client, {**SMALLEST, "heartRate2": "secret"}).text


def test_other_paths_and_methods_are_refused_in_the_same_form(client: TestClient) -> None:
    for method, path, status, allowed in (
        ("GET", "/nothing", 404, None), ("PUT", "/rest/records", 405, "GET, POST"),
        ("POST", f"{LATEST}/3", 405, "GET"), ("POST", "/rest/users", 405, "GET"),
    ):  # fmt: skip
        answer = client.request(method, path)
        assert (answer.status_code, answer.json()["status"], answer.headers.get("allow")) == (status, status, allowed)
        assert answer.headers["content-type"] == "application/problem+json"


def test_alive_and_ready(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "alive"}
    assert client.get("/readyz").json() == {"status": "ready"}


def test_without_schema_it_is_alive_but_not_ready(settings: Settings, sample: bytes) -> None:
    with TestClient(Application(settings)) as client:
        assert client.get("/healthz").status_code == 200
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()["detail"]) == (
            503, "the schema is at nothing, 0002 is needed: run biometric.migrate",
        )  # fmt: skip
        assert post(client, sample).status_code == 503


def test_without_database_it_is_alive_but_not_ready(sample: bytes) -> None:
    """A listener that never answers stands for a database that hangs."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        variables = postgres.Server(silent.getsockname()[1]).environment("biometric")
        with TestClient(Application(load(variables))) as client:
            assert client.get("/healthz").status_code == 200
            started = time.monotonic()
            assert client.get("/readyz").status_code == 503
            assert time.monotonic() - started < 4
    variables["DATABASE_PORT"] = str(free_port())
    with TestClient(Application(load(variables))) as client:
        assert client.get("/readyz").status_code == 503
        assert post(client, sample).status_code == 503
