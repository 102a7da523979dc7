"""The OpenAPI document: as published, valid, and kept by what the service answers, whatever it is sent."""

from __future__ import annotations

import asyncio
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import jsonschema_rs
import pytest
import requests
import schemathesis
import urllib3
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, example, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from openapi_spec_validator import validate
from schemathesis.checks import CheckContext
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import positive_data_acceptance
from starlette.types import Message

import documents
from biometric.app import Application
from biometric.inputs import KEY_LENGTH
from biometric.problems import Unavailable
from biometric.settings import Settings, load
from conftest import sqlite_in
from processes import environment

PUBLISHED = Path(__file__).parents[2] / "services" / "biometric" / "openapi.json"
RENEW = "renew it: uv run --project services/biometric python -m biometric.openapi > services/biometric/openapi.json"
DOCUMENT: dict[str, Any] = json.loads(PUBLISHED.read_bytes())
RULES = ("cursor", "tsStop", "Idempotency-Key", "Last-Event-ID")
"""Where a schema cannot say all: cursors, times in order, a key's second use, and 19 digits past 64 bits."""
FRACTION = "Input should be a valid integer"
"""Of 5.0, which JSON Schema takes for an integer."""
MARK = "zq7secret"
"""Is in everything sent that no answer may repeat."""


def fits(name: str) -> jsonschema_rs.Validator:
    """Return what tells whether something is as a schema of the document has it."""
    components = {"schemas": DOCUMENT["components"]["schemas"]}
    return jsonschema_rs.validator_for({"$ref": f"#/components/schemas/{name}", "components": components})


PROBLEM = fits("Problem")


def problem(status: int, headers: dict[str, str], content: bytes) -> dict[str, Any]:
    """Return what an answer of 400 or more says, in the one form of errors."""
    assert headers["content-type"] == "application/problem+json"
    said: dict[str, Any] = json.loads(content)
    PROBLEM.validate(said)
    assert (said["status"], said["requestId"]) == (status, headers["x-request-id"])
    return said


# The document itself.


def test_the_published_document_is_the_services() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "biometric.openapi"], env=environment({}), capture_output=True, check=True, timeout=60
    )
    assert done.stdout == PUBLISHED.read_bytes(), f"openapi.json differs; {RENEW}"
    assert done.stdout.endswith(b"}\n") and b'\n  "paths"' in done.stdout


def test_it_is_served_whatever_the_configuration_is(client: TestClient, tmp_path: Path) -> None:
    assert client.get("/openapi.json").json() == DOCUMENT, RENEW
    more = {"CORS_ORIGINS": "https://page.example", "RESPONSES_BUFFERED": "true", "LATEST_STORE": "relational"}
    assert Application(load(sqlite_in(tmp_path) | guarded() | more)).api.openapi() == DOCUMENT


def guarded() -> dict[str, str]:
    """Return variables that ask for a token; nothing listens at the issuer's port."""
    return {"JWT_ISSUER": "http://127.0.0.1:9", "JWT_AUDIENCE": "clients"}


def test_it_is_valid_openapi() -> None:
    assert DOCUMENT["openapi"].startswith("3.1.")
    validate(DOCUMENT)


def test_every_part_is_used_and_every_operation_described() -> None:
    text = json.dumps(DOCUMENT)
    for kind in ("schemas", "headers"):
        for name in DOCUMENT["components"][kind]:
            assert f'"#/components/{kind}/{name}"' in text, name
    assert {f"{method} {path}" for path, item in DOCUMENT["paths"].items() for method in item} == REQUESTS.keys()
    operations = [operation for item in DOCUMENT["paths"].values() for operation in item.values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    assert all(operation["description"] and operation["summary"] for operation in operations)
    record = DOCUMENT["components"]["schemas"]["Record"]
    assert list(record["properties"]) == documents.KEYS and sorted(record["required"]) == documents.REQUIRED


# What is documented is what can happen, and nothing else.


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    content: bytes


async def asked(
    app: Application,
    method: str,
    path: str,
    query: bytes = b"",
    headers: tuple[tuple[bytes, bytes], ...] = (),
    chunks: tuple[bytes, ...] = (b"",),
    leaves: bool = False,
) -> Answer:
    """Send a request past any client, which would mend it; a client that leaves does so after its last chunk."""
    sent: list[Message] = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    if leaves:
        sent.append({"type": "http.disconnect"})
    else:
        sent[-1]["more_body"] = False
    got: list[Message] = []

    async def receive() -> Message:
        if sent:
            return sent.pop(0)
        await asyncio.Event().wait()  # the client stays until it has its answer
        raise AssertionError

    async def send(message: Message) -> None:
        got.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": query, "root_path": "",
        "headers": list(headers), "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
    }  # fmt: skip
    await app(scope, receive, send)
    start, *rest = got
    answered = {name.decode("latin-1"): value.decode("latin-1") for name, value in start["headers"]}
    return Answer(start["status"], answered, b"".join(message.get("body", b"") for message in rest))


@pytest.fixture
def running(migrated: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """The application; streams end at once."""
    monkeypatch.setattr("biometric.stream.STREAM_SECONDS", 0.0)
    with TestClient(Application(migrated)) as client:
        yield client


def ask(client: TestClient, method: str, path: str, *rest: Any, **more: Any) -> Answer:
    assert client.portal is not None and isinstance(client.app, Application)
    return client.portal.call(partial(asked, client.app, method, path, *rest, **more))


RECORD = b'{"tsStart":1,"tsStop":2,"userId":3}'
# Per operation: the path and query that are right, those that are wrong, and what its handler works with.
REQUESTS: dict[str, tuple[str, bytes, str, bytes, str]] = {
    "get /healthz": ("/healthz", b"", "", b"", ""),
    "get /readyz": ("/readyz", b"", "", b"", "relational.RelationalRecords.check"),
    "get /rest/read/json/latest/{userId}": (
        "/rest/read/json/latest/3", b"", "/rest/read/json/latest/x", b"", "hot.HotPaths._latest",
    ),
    "get /rest/records": ("/rest/records", b"userId=3", "/rest/records", b"", "relational.RelationalRecords.page"),
    "get /rest/users": ("/rest/users", b"", "/rest/users", b"limit=0", "relational.RelationalRecords.users"),
    "get /rest/stream/{userId}": ("/rest/stream/3", b"", "/rest/stream/0", b"", "stream.Streams.events"),
    "post /rest/records": ("/rest/records", RECORD, "/rest/records", b"{}", "store.Store.add"),
    "post /rest/records:batch": (
        "/rest/records:batch", b"[" + RECORD + b"]", "/rest/records:batch", b"[]", "store.Store.add_all",
    ),
}  # fmt: skip


@pytest.mark.parametrize("operation", REQUESTS)
def test_the_documented_answers_are_those_that_there_are(
    running: TestClient, operation: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    method, route = operation.split(" ")
    path, right, wrong_path, wrong, works_with = REQUESTS[operation]

    def answer(client: TestClient, at: str, sent: bytes, leaves: bool = False) -> Answer:
        if method == "post":
            return ask(client, "POST", at, chunks=(sent,), leaves=leaves)
        return ask(client, "GET", at, sent)

    ask(running, "POST", "/rest/records", chunks=(RECORD,))
    answers = [answer(running, path, right)]
    with TestClient(Application(load(sqlite_in(tmp_path) | guarded()))) as asking:
        if not route.endswith("z"):
            answers += [answer(running, wrong_path, wrong), answer(asking, path, right)]
    if "{userId}" in route:
        answers.append(answer(running, path.replace("3", "404404"), right))
    if method == "post":
        answers += [answer(running, path, right, leaves=True), answer(running, path, b" " * (5 * 1024 * 1024))]
    for error in (RuntimeError(MARK), Unavailable("away")) if works_with else ():

        async def fails(*_: Any, error: Exception = error, **__: Any) -> None:
            raise error

        with monkeypatch.context() as patch:
            patch.setattr(f"biometric.{works_with}", fails)
            answers.append(answer(running, path, right))
    documented = DOCUMENT["paths"][route][method]["responses"]
    assert sorted({str(one.status) for one in answers}) == sorted(documented)
    for one in answers:
        assert MARK.encode() not in one.content
        if one.status >= 400:
            problem(one.status, one.headers, one.content)
        described = documented[str(one.status)]
        assert one.headers["content-type"].partition(";")[0] in described["content"]
        # The one that is absent at a first attempt aside, every header that is described comes.
        assert {name.lower() for name in described["headers"]} - {"idempotent-replayed"} <= set(one.headers)


# Requests made up from the document.


class Adapter(requests.adapters.HTTPAdapter):
    """Carries Schemathesis' requests to the application."""

    def __init__(self, client: TestClient) -> None:
        super().__init__()
        self._client = client

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        url = urlsplit(request.url or "")
        headers = tuple(
            (str(name).lower().encode("latin-1"), value if isinstance(value, bytes) else value.encode("latin-1"))
            for name, value in request.headers.items()
        )
        body = request.body or b""
        content = body.encode() if isinstance(body, str) else body
        assert isinstance(content, bytes)
        answer = ask(self._client, request.method or "", unquote(url.path), url.query.encode(), headers, (content,))
        raw = urllib3.HTTPResponse(
            io.BytesIO(answer.content), answer.headers, answer.status,
            reason=HTTPStatus(answer.status).phrase, preload_content=False,
        )  # fmt: skip
        return self.build_response(request, raw)


@pytest.fixture(scope="module")
def session(migrated: Settings) -> Iterator[requests.Session]:
    """A session with the application on a database of each kind; streams end at once."""
    with pytest.MonkeyPatch.context() as patch, TestClient(Application(migrated)) as client:
        patch.setattr("biometric.stream.STREAM_SECONDS", 0.0)
        made = requests.Session()
        made.mount("http://testserver", Adapter(client))
        yield made


def events_are_records(_: CheckContext, response: Response, __: schemathesis.Case[Any]) -> bool | None:
    """Make sure that a stream's events carry records; OpenAPI 3.1 has no word for what is in an event."""
    if response.headers["content-type"][0].startswith("text/event-stream"):
        assert response.content.startswith(b"retry: ")
        for line in response.content.splitlines():
            if line.startswith(b"data: "):
                fits("Record").validate(json.loads(line.removeprefix(b"data: ")))
    return None


def refused_only_by_rules(_: CheckContext, response: Response, case: schemathesis.Case[Any]) -> bool | None:
    """Make sure that what fits the schemas is refused only where a schema cannot say all."""
    if response.status_code >= 400:
        headers = {name: values[0] for name, values in response.headers.items()}
        said = problem(response.status_code, headers, response.content)
        if response.status_code == 422 and case.meta is not None and not case.meta.generation.mode.is_negative:
            wrong = said["errors"] or [{"field": said["detail"].partition(":")[0], "message": ""}]
            assert all(one["field"].endswith(RULES) or one["message"] == FRACTION for one in wrong), said
    return None


made_up = schemathesis.openapi.from_dict(DOCUMENT, config=schemathesis.Config(seed=1))


@made_up.parametrize()
@examples(max_examples=40, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
def test_what_is_made_up_is_answered_as_documented(session: requests.Session, case: schemathesis.Case[Any]) -> None:
    case.call_and_validate(
        base_url="http://testserver",
        session=session,
        additional_checks=[refused_only_by_rules, events_are_records],
        excluded_checks=[positive_data_acceptance],  # does not know the rules
    )


# Requests that no document describes.


def keyed(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Objects; an answer names a key that is wrong, so no key is marked."""
    known = st.sampled_from(["userId", "tsStart", "tsStop", "light", "speed", "recvSeq", "id"])
    return st.dictionaries(known | st.text(max_size=8), inner, max_size=5)


marked = st.text(max_size=40).map(lambda text: f"{text[:20]}{MARK}{text[20:]}")
plain = st.none() | st.booleans() | st.integers() | st.floats() | marked
values = st.recursive(plain, lambda inner: st.lists(inner, max_size=4) | keyed(inner), max_leaves=12)
octets = st.binary(max_size=60) | st.binary(max_size=60).map(lambda some: some + MARK.encode())
json_bodies = values.map(lambda value: json.dumps(value).encode())
cut = st.tuples(json_bodies, st.integers(0, 200)).map(lambda parts: parts[0][: parts[1]])
wrapped = octets.map(lambda some: b'{"tsStart":1,"tsStop":2,"userId":3,"light":"' + some + b'"}')
bodies = octets | json_bodies | cut | wrapped | wrapped.map(lambda body: b"[" + body + b"]")
names = st.sampled_from(
    [b"idempotency-key", b"last-event-id", b"content-type", b"content-length", b"transfer-encoding", b"accept",
     b"host", b"cookie", b"authorization", b"origin", b"traceparent", b"x-request-id", b"expect"]
)  # fmt: skip
sent_headers = st.lists(st.tuples(names, octets | st.sampled_from([b"1", b"", b"9" * 19, b"-1"])), max_size=6)
paths = st.sampled_from(
    ["/rest/records", "/rest/records:batch", "/rest/users", "/rest/users/", "/rest/records/", "/rest/stream/3",
     "/rest/stream/x", "/rest/stream/", "/rest/stream/3/", "/rest/read/json/latest/3", "/rest/read/json/latest/",
     "/healthz", "/readyz/", "/nothing", "", "*", "//", "/rest/read/json/latest/\ufffd", "/rest/stream/\u0663"]
)  # fmt: skip
parameters = st.lists(
    st.tuples(st.sampled_from([b"userId", b"from", b"to", b"cursor", b"limit", b"order", b""]), octets), max_size=5
).map(lambda pairs: b"&".join(name + b"=" + value for name, value in pairs))
methods = st.sampled_from(["GET", "POST", "PUT", "HEAD", "OPTIONS", "TRACE", "CONNECT", "get", "BREW"])
quick = examples(
    max_examples=120, derandomize=True, deadline=None, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip


def assert_answered(answer: Answer, method: str = "GET") -> None:
    """Make sure that an answer is no failure, in the one form of errors, and without anything that was sent."""
    assert answer.status < 500, answer
    if answer.status >= 400 and method != "HEAD":
        problem(answer.status, answer.headers, answer.content)
        assert MARK.encode() not in answer.content
        assert MARK not in str(answer.headers)
        assert HTTPStatus(answer.status).phrase


@given(body=bodies, split=st.integers(0, 60), leaves=st.booleans(), batch=st.booleans())
@example(body=b"\xff\xfe", split=1, leaves=False, batch=True)
@example(body=b'[{"light":"\\ud800"}]', split=0, leaves=False, batch=True)
@example(body=b"[" * 100_000, split=0, leaves=False, batch=True)
@example(body=b'{"recvSeq":' + b"9" * 5000 + b"}", split=0, leaves=False, batch=False)
@quick
def test_any_body_is_answered(running: TestClient, body: bytes, split: int, leaves: bool, batch: bool) -> None:
    path = "/rest/records:batch" if batch else "/rest/records"
    answer = ask(running, "POST", path, chunks=(body[:split], body[split:]), leaves=leaves)
    assert_answered(answer)
    assert answer.status == 400 if leaves else answer.status in (201, 422)


@given(headers=sent_headers, path=paths, query=octets | parameters, method=methods)
@example(headers=[(b"host", b"[")], path="/rest/users/", query=b"", method="GET")
@example(headers=[(b"host", b"\xff/\\")], path="/rest/users/", query=b"\xff", method="GET")
@example(headers=[(b"last-event-id", b"9" * 19)], path="/rest/stream/3", query=b"", method="GET")
@example(headers=[(b"x-request-id", MARK.encode() + b"\n")], path="/nothing", query=b"", method="GET")
@quick
def test_any_path_header_and_parameter_is_answered(
    running: TestClient, headers: list[tuple[bytes, bytes]], path: str, query: bytes, method: str
) -> None:
    # A request id of the right form comes back, as it should.
    kept = tuple((name, value) for name, value in headers if name != b"x-request-id" or not value.isalnum())
    assert_answered(ask(running, method, path, query, kept, (RECORD,)), method)


@given(key=st.binary(max_size=400) | st.binary(max_size=KEY_LENGTH + 5).map(lambda key: key + MARK.encode()))
@quick
def test_any_key_is_taken_or_named(running: TestClient, key: bytes) -> None:
    answer = ask(running, "POST", "/rest/records", headers=((b"idempotency-key", key),), chunks=(RECORD,))
    assert_answered(answer)
    trimmed = key.decode("latin-1").strip()
    fits = 1 <= len(trimmed) <= KEY_LENGTH and all("!" <= character <= "~" for character in trimmed)
    assert answer.status == (201 if fits else 422)
    if not fits:
        assert [error["field"] for error in json.loads(answer.content)["errors"]] == ["Idempotency-Key"]


@given(event=st.binary(max_size=30) | st.integers(0, 2**70).map(lambda number: str(number).encode()))
@quick
def test_any_last_event_is_taken_or_named(running: TestClient, event: bytes) -> None:
    answer = ask(running, "GET", "/rest/stream/3", headers=((b"last-event-id", event),))
    assert_answered(answer)
    text = event.decode("latin-1")
    fits = text.isascii() and text.isdigit() and len(text) <= 19 and int(text) < 2**63
    assert (answer.status, answer.headers["content-type"].partition(";")[0]) == (
        (200, "text/event-stream") if fits else (422, "application/problem+json")
    )
