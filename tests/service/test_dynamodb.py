"""The latest record of a user in every store: the same contract for all, and what is DynamoDB's own, on an emulator."""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
import random
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import botocore.session
import pytest
from aiobotocore.session import AioSession
from botocore.exceptions import ClientError
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from moto.server import ThreadedMotoServer

import documents
from biometric import dynamodb
from biometric.app import Application
from biometric.connections import connector
from biometric.dynamodb import DynamoDbRecords
from biometric.pool import Pool
from biometric.postgres import PostgresRecords
from biometric.problems import Unavailable
from biometric.records import Attempt, KeyReused, LatestRecords
from biometric.relational import Arrived, RelationalRecords, make_engine
from biometric.schema import Record
from biometric.settings import Settings, SettingsError, load
from conftest import NewDatabase, sqlite_in, with_schema
from processes import environment, free_port

pytestmark = pytest.mark.anyio
USERS = itertools.count(1)
"""A new user for each test: the databases are made once."""


@pytest.fixture(scope="module")
def emulator() -> Iterator[str]:
    """A DynamoDB of the tests' own; its address."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def aws(emulator: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, str]:
    """What the SDK reads, set: the emulator, and nothing of this machine's own."""
    variables = {
        "AWS_ENDPOINT_URL_DYNAMODB": emulator,
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
    }
    for name in ("AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_REGION", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return variables


class Table:
    """A table as it stands in DynamoDB, seen from beside the service."""

    def __init__(self) -> None:
        self.name = f"latest-{uuid4().hex}"
        self._client = botocore.session.get_session().create_client("dynamodb")
        self.create()

    def create(self) -> None:
        self._client.create_table(
            TableName=self.name,
            KeySchema=[{"AttributeName": "userId", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "userId", "AttributeType": "N"}],
            BillingMode="PAY_PER_REQUEST",
        )

    def delete(self) -> None:
        self._client.delete_table(TableName=self.name)

    def item(self, user_id: int) -> dict[str, Any] | None:
        found = self._client.get_item(TableName=self.name, Key={"userId": {"N": str(user_id)}}).get("Item")
        return None if found is None else dict(found)

    def document(self, user_id: int) -> Any:
        item = self.item(user_id)
        return None if item is None else json.loads(item["document"]["S"])

    def put(self, item: dict[str, Any]) -> None:
        self._client.put_item(TableName=self.name, Item=item)

    def forget(self, user_id: int) -> None:
        self._client.delete_item(TableName=self.name, Key={"userId": {"N": str(user_id)}})


@pytest.fixture
def table(aws: dict[str, str]) -> Table:
    return Table()


@pytest.fixture(scope="module")
def databases(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], dict[str, str]]:
    """The service's variables for a database of a kind that has the schema, made when it is first asked for."""
    made: dict[str, dict[str, str]] = {}

    def variables(kind: str) -> dict[str, str]:
        if kind not in made:
            new_postgres: NewDatabase = request.getfixturevalue("new_postgres")
            fresh = sqlite_in(tmp_path_factory.mktemp("sqlite")) if kind == "sqlite" else new_postgres()
            made[kind] = with_schema(fresh)
        return made[kind]

    return variables


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, databases: Callable[[str], dict[str, str]]) -> dict[str, str]:
    return databases(request.param)


@dataclass
class Opened:
    """A store for the length of one event loop."""

    latest: LatestRecords
    relational: RelationalRecords


def hot(settings: Settings, relational: RelationalRecords, _: str = "") -> LatestRecords:
    """Return the store that the service would take without DynamoDB."""
    if settings.database is None:
        return relational
    return PostgresRecords(Pool(connector(settings.database), 1))


def dynamodb_before(settings: Settings, relational: RelationalRecords, table: str) -> LatestRecords:
    return DynamoDbRecords(table, hot(settings, relational), relational)


Make = Callable[[Settings, RelationalRecords, str], LatestRecords]
STORES: dict[str, tuple[str, Make]] = {
    "relational on SQLite": ("sqlite", lambda _, relational, __: relational),
    "relational on PostgreSQL": ("postgresql", lambda _, relational, __: relational),
    "PostgreSQL's own": ("postgresql", hot),
    "DynamoDB on SQLite": ("sqlite", dynamodb_before),
    "DynamoDB on PostgreSQL": ("postgresql", dynamodb_before),
}


@asynccontextmanager
async def opened(settings: Settings, make: Make, table: str) -> AsyncIterator[Opened]:
    relational = RelationalRecords(make_engine(settings))
    stores = Opened(make(settings, relational, table), relational)
    try:
        yield stores
    finally:
        await stores.latest.close()
        await relational.close()


@pytest.fixture
def anyio_backend() -> str:
    """What runs the asynchronous tests, each on an event loop of its own: connections belong to their loop."""
    return "asyncio"


@pytest.fixture(params=STORES)
def opening(
    request: pytest.FixtureRequest, databases: Callable[[str], dict[str, str]]
) -> AbstractAsyncContextManager[Opened]:
    kind, make = STORES[request.param]
    table = request.getfixturevalue("table").name if "DynamoDB" in request.param else ""
    return opened(load(databases(kind)), make, table)


@pytest.fixture
async def stores(opening: AbstractAsyncContextManager[Opened]) -> AsyncIterator[Opened]:
    """A store of each kind."""
    async with opening as found:
        yield found


def record(user_id: int, ts_stop: int, version: int = 0) -> Record:
    return Record.model_validate({"userId": user_id, "tsStart": 0, "tsStop": ts_stop, "version": version})


def attempt(key: str, *records: Record) -> Attempt:
    return Attempt.of(key, *(one.to_json() for one in records))


async def page(stores: Opened, user_id: int) -> list[Arrived]:
    """Return all that is stored of a user."""
    return await stores.relational.page(user_id, start=None, stop=None, after=None, limit=100, order="asc")


# The contract, for every store.


async def test_there_is_none_before_the_first(stores: Opened) -> None:
    user = next(USERS)
    assert await stores.latest.latest(user) is None
    await stores.latest.add(record(user, 1))
    assert await stores.latest.latest(user) == record(user, 1).to_json()
    assert await stores.latest.latest(next(USERS)) is None


async def test_latest_is_by_tsstop_then_by_arrival(stores: Opened) -> None:
    user = next(USERS)
    arrivals: list[int | None] = []
    for ts_stop, version, latest in ((20, 1, 1), (10, 2, 1), (30, 3, 3), (25, 4, 3), (30, 5, 5), (29, 6, 5)):
        arrivals.append(await stores.latest.add(record(user, ts_stop, version)))
        found = await stores.latest.latest(user)
        assert found is not None and json.loads(found)["version"] == latest
    assert arrivals == sorted(set(arrivals), key=lambda arrival: arrival or 0) and None not in arrivals


async def test_an_attempt_stores_once(stores: Opened) -> None:
    user, key = next(USERS), uuid4().hex
    first = record(user, 10, 1)
    assert await stores.latest.add(first, attempt(key, first)) is not None
    for _ in range(2):
        assert await stores.latest.add(first, attempt(key, first)) is None
    later = record(user, 20, 2)
    assert await stores.latest.add(later, attempt(uuid4().hex, later)) is not None
    assert await stores.latest.add(first, attempt(key, first)) is None, "a late retry"
    assert await stores.latest.latest(user) == later.to_json()
    assert len(await page(stores, user)) == 2


async def test_attempts_at_once_store_once(stores: Opened) -> None:
    user, key = next(USERS), uuid4().hex
    one = record(user, 10)
    arrivals = await asyncio.gather(*(stores.latest.add(one, attempt(key, one)) for _ in range(4)))
    assert len([arrival for arrival in arrivals if arrival is not None]) == 1
    assert len(await page(stores, user)) == 1
    assert await stores.latest.latest(user) == one.to_json()


async def test_a_key_belongs_to_what_it_came_with(stores: Opened) -> None:
    user, key = next(USERS), uuid4().hex
    first, second = record(user, 10, 1), record(user, 20, 2)
    await stores.latest.add(first, attempt(key, first))
    with pytest.raises(KeyReused):
        await stores.latest.add(second, attempt(key, second))
    assert await stores.latest.latest(user) == first.to_json()
    assert len(await page(stores, user)) == 1


async def test_records_at_once_end_with_the_latest(stores: Opened) -> None:
    user = next(USERS)
    sent = [record(user, 100 + number % 7, number) for number in range(14)]
    random.Random(5).shuffle(sent)
    await asyncio.gather(*(stores.latest.add(one) for one in sent))
    stored = await page(stores, user)
    assert len(stored) == 14
    assert await stores.latest.latest(user) == stored[-1].document


async def test_what_was_stored_by_another_way_is_known_after_a_refresh(stores: Opened) -> None:
    one, two = next(USERS), next(USERS)
    await stores.latest.add(record(one, 10, 1))
    await stores.latest.add(record(two, 50, 2))
    await stores.relational.add_all([record(one, 20, 3), record(two, 20, 4)])
    await stores.latest.refresh({one, two, next(USERS)})
    assert await stores.latest.latest(one) == record(one, 20, 3).to_json()
    assert await stores.latest.latest(two) == record(two, 50, 2).to_json()


@given(several=st.lists(documents.records(), min_size=1, max_size=5))
@examples(max_examples=5, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_every_valid_record_comes_back(stores: Opened, several: list[dict[str, Any]]) -> None:
    for document in several:
        sent = Record.model_validate(document | {"userId": next(USERS)})
        await stores.latest.add(sent)
        found = await stores.latest.latest(sent.user_id)
        # -0.0 is a double that SQLite does not keep; it is equal to 0.0.
        assert found is not None and json.loads(found) == json.loads(sent.to_json())


async def test_a_store_that_was_never_used_closes(stores: Opened) -> None:
    """It is closed after the test."""


# What is DynamoDB's own.


@pytest.fixture
def settings(databases: Callable[[str], dict[str, str]]) -> Settings:
    return load(databases("sqlite"))


@pytest.fixture
async def dynamo(settings: Settings, table: Table) -> AsyncIterator[Opened]:
    """DynamoDB with SQLite behind it."""
    async with opened(settings, dynamodb_before, table.name) as found:
        yield found


async def test_puts_in_any_order_end_with_the_latest(dynamo: Opened, table: Table) -> None:
    places = [(1, 10), (2, 30), (3, 20), (4, 30)]
    assert isinstance(dynamo.latest, DynamoDbRecords)
    for order in itertools.permutations(places):
        user = next(USERS)
        for arrival, ts_stop in order:
            await dynamo.latest._put(user, Arrived(arrival, ts_stop, record(user, ts_stop, arrival).to_json()))
        assert table.document(user)["version"] == 4, order


async def test_numbers_are_compared_as_numbers(dynamo: Opened, table: Table) -> None:
    user = 2**63 - 1
    for ts_stop, version in ((9, 1), (253_402_300_799_999, 2), (10, 3)):
        await dynamo.latest.add(record(user, ts_stop, version))
    assert table.document(user)["version"] == 2


async def test_a_missing_item_is_made_from_the_database(dynamo: Opened, table: Table) -> None:
    user = next(USERS)
    for ts_stop in (10, 30, 20):
        await dynamo.latest.add(record(user, ts_stop))
    before = table.item(user)
    table.forget(user)
    assert await dynamo.latest.latest(user) == record(user, 30).to_json()
    assert table.item(user) == before is not None


async def test_the_item_is_what_is_answered(dynamo: Opened, table: Table) -> None:
    user = next(USERS)
    await dynamo.latest.add(record(user, 10))
    item = table.item(user)
    assert item is not None
    table.put(item | {"document": {"S": "as it stands there"}})
    assert await dynamo.latest.latest(user) == b"as it stands there"


async def test_reads_see_what_was_just_put(dynamo: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """The emulator is consistent anyway; DynamoDB itself is only when asked to be."""
    calls: list[tuple[str, dict[str, Any]]] = []
    watch(monkeypatch, lambda operation, arguments: calls.append((operation, arguments)))
    await dynamo.latest.latest(next(USERS))
    assert [(operation, arguments["ConsistentRead"]) for operation, arguments in calls] == [("get_item", True)]


def watch(monkeypatch: pytest.MonkeyPatch, seen: Callable[[str, dict[str, Any]], None]) -> None:
    """Let a function see every call of DynamoDB."""
    call = DynamoDbRecords._call

    async def watched(self: DynamoDbRecords, operation: str, **arguments: Any) -> Any:
        seen(operation, arguments)
        return await call(self, operation, **arguments)

    monkeypatch.setattr(DynamoDbRecords, "_call", watched)


async def test_a_record_is_stored_before_its_item_and_a_retry_puts_it(dynamo: Opened, table: Table) -> None:
    user, key = next(USERS), uuid4().hex
    one = record(user, 10, 1)
    table.delete()
    with pytest.raises(Unavailable):
        await dynamo.latest.add(one, attempt(key, one))
    assert len(await page(dynamo, user)) == 1
    table.create()
    assert await dynamo.latest.add(one, attempt(key, one)) is None
    assert len(await page(dynamo, user)) == 1
    assert table.document(user)["version"] == 1


async def test_a_refresh_ends_with_the_first_item_that_cannot_be_put(
    dynamo: Opened, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch for a thousand users may not knock a thousand times at a closed door after its client was answered."""
    calls: list[str] = []
    watch(monkeypatch, lambda operation, _: calls.append(operation))
    users = [next(USERS) for _ in range(100)]
    tasks = asyncio.all_tasks()
    await dynamo.relational.add_all([record(user, 1) for user in users])
    table.delete()
    with pytest.raises(Unavailable):
        await dynamo.latest.refresh(users)
    assert 0 < len(calls) <= dynamodb.AT_ONCE
    assert asyncio.all_tasks() == tasks, "nothing goes on behind"


async def test_a_refresh_puts_some_at_once_and_not_all(
    dynamo: Opened, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = most = puts = 0
    put = DynamoDbRecords._put

    async def counted(self: DynamoDbRecords, user_id: int, arrived: Arrived) -> None:
        nonlocal busy, most, puts
        busy, puts = busy + 1, puts + 1
        most = max(most, busy)
        await put(self, user_id, arrived)
        busy -= 1

    monkeypatch.setattr(DynamoDbRecords, "_put", counted)
    users = [next(USERS) for _ in range(60)]
    await dynamo.relational.add_all([record(user, 1) for user in users])
    await dynamo.latest.refresh(user for user in users * 2)
    assert all(table.document(user)["userId"] == user for user in users)
    assert 1 < most <= dynamodb.AT_ONCE < dynamodb.CONNECTIONS
    assert puts == len(users), "each once"


UNREACHABLE = {
    "refused": {"AWS_ENDPOINT_URL_DYNAMODB": ""},
    "no region": {"AWS_DEFAULT_REGION": ""},
    "no credentials": {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""},
}


@pytest.mark.parametrize("changes", UNREACHABLE.values(), ids=UNREACHABLE.keys())
async def test_without_dynamodb_the_answer_is_later(
    dynamo: Opened, changes: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in changes.items():
        if name == "AWS_ENDPOINT_URL_DYNAMODB":
            value = f"http://127.0.0.1:{free_port()}"
        if value:
            monkeypatch.setenv(name, value)
        else:
            monkeypatch.delenv(name)

    user = next(USERS)
    with pytest.raises(Unavailable):
        await dynamo.latest.latest(user)
    with pytest.raises(Unavailable):
        await dynamo.latest.add(record(user, 1))


async def test_what_dynamodb_says_is_not_repeated(
    dynamo: Opened, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Its messages quote values: an item that is too large, a name that is none."""

    class Refusing:
        async def get_item(self, **_: Any) -> None:
            said = {"Error": {"Code": "ValidationException", "Message": "the value a-secret-place is wrong"}}
            raise ClientError(said, "GetItem")

    async def connected(_: DynamoDbRecords) -> Refusing:
        return Refusing()

    monkeypatch.setattr(DynamoDbRecords, "_connected", connected)
    with pytest.raises(Unavailable) as caught:
        await dynamo.latest.latest(next(USERS))
    assert "a-secret-place" not in caught.value.detail
    said = caplog.text + "".join(str(vars(one)) for one in caplog.records)
    assert "ValidationException" in said and "a-secret-place" not in said


def test_dynamodb_that_hangs_holds_nobody_for_long() -> None:
    """Three tries, and the pauses between them, fit what a request may take, with a database that is away before."""
    attempts = dynamodb.CONFIG.retries["total_max_attempts"]
    assert attempts > 1, "one lost packet is no error"
    assert attempts * dynamodb.CONFIG.read_timeout + 2 <= 8


async def test_two_at_once_make_one_client(dynamo: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[AioSession] = []

    class Slow(AioSession):  # type: ignore[misc]  # it has no types
        """One that lets others go first, as it does when credentials come over the network."""

        @asynccontextmanager
        async def create_client(self, *arguments: Any, **more: Any) -> AsyncIterator[Any]:
            made.append(self)
            await asyncio.sleep(0.05)
            async with super().create_client(*arguments, **more) as client:
                yield client

    monkeypatch.setattr("biometric.dynamodb.get_session", Slow)
    await asyncio.gather(*(dynamo.latest.latest(next(USERS)) for _ in range(5)))
    assert len(made) == 1


async def test_the_database_is_closed_even_if_dynamodb_cannot_be(
    dynamo: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[object] = []

    async def close(_: RelationalRecords) -> None:
        closed.append(1)

    async def broken() -> None:
        raise OSError

    assert isinstance(dynamo.latest, DynamoDbRecords)
    dynamo.latest._stack.push_async_callback(broken)
    with monkeypatch.context() as patch:
        patch.setattr(RelationalRecords, "close", close)
        with pytest.raises(OSError):
            await dynamo.latest.close()
    assert closed == [1]


# The whole application.


@pytest.fixture
def client(database: dict[str, str], table: Table) -> Iterator[TestClient]:
    variables = database | {"LATEST_STORE": "dynamodb", "DYNAMODB_TABLE": table.name}
    with TestClient(Application(load(variables))) as running:
        yield running


def body(user_id: int, ts_stop: int, version: int = 0) -> dict[str, int]:
    return {"userId": user_id, "tsStart": 0, "tsStop": ts_stop, "version": version}


def test_the_application_answers_from_the_table(client: TestClient, table: Table, sample: bytes) -> None:
    path = "/rest/read/json/latest/202004285"
    assert client.post("/rest/records", content=sample).status_code == 201
    answer = client.get(path)
    assert (answer.status_code, answer.content) == (200, sample)
    item = table.item(202004285)
    assert item is not None and item["document"]["S"].encode() == sample
    table.put(item | {"document": {"S": "{}"}})
    assert client.get(path).content == b"{}"
    table.forget(202004285)
    assert client.get(path).content == sample
    assert client.get(f"/rest/read/json/latest/{next(USERS)}").status_code == 404


def test_a_batch_reaches_the_table(client: TestClient, table: Table) -> None:
    one, two, three = next(USERS), next(USERS), next(USERS)
    assert client.post("/rest/records", json=body(two, 90, 1)).status_code == 201
    batch = [body(one, 10, 2), body(one, 30, 3), body(one, 20, 4), body(two, 80, 5), body(three, 5, 6)]
    assert client.post("/rest/records:batch", json=batch).status_code == 201
    assert [table.document(user)["version"] for user in (one, two, three)] == [3, 1, 6]
    latest = [client.get(f"/rest/read/json/latest/{user}").json()["version"] for user in (one, two, three)]
    assert latest == [3, 1, 6]


@pytest.mark.parametrize("path", ["/rest/records", "/rest/records:batch"])
def test_a_retry_after_the_table_was_away_stores_nothing_twice(
    client: TestClient, table: Table, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "biometric")
    user = next(USERS)
    one = body(user, 10, 7) | {"provider": "a-secret-place"}
    content = one if path == "/rest/records" else [one]
    headers = {"idempotency-key": uuid4().hex}
    table.delete()
    away = client.post(path, json=content, headers=headers)
    assert (away.status_code, away.headers["retry-after"]) == (503, "1")
    assert away.headers["content-type"] == "application/problem+json"
    assert client.get(f"/rest/read/json/latest/{user}").status_code == 503
    assert client.get("/healthz").status_code == 200
    table.create()
    again = client.post(path, json=content, headers=headers)
    assert (again.status_code, again.headers["idempotent-replayed"]) == (201, "true")
    assert table.document(user)["version"] == 7
    assert len(client.get("/rest/records", params={"userId": user}).json()["records"]) == 1
    said = caplog.text + "".join(str(vars(record)) for record in caplog.records)
    assert "DynamoDB refuses" in said and "ResourceNotFoundException" in said
    assert "a-secret-place" not in said and table.name not in said


def test_a_stream_begins_with_the_tables_record(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("biometric.stream.STREAM_SECONDS", 0.0)
    user = next(USERS)
    client.post("/rest/records", json=body(user, 10, 7))
    assert '"version":7' in client.get(f"/rest/stream/{user}").text


@pytest.mark.parametrize(
    "wrong, named",
    [
        ({}, "DYNAMODB_TABLE"),
        ({"DYNAMODB_TABLE": ""}, "DYNAMODB_TABLE"),
        ({"DYNAMODB_TABLE": "ab"}, "DYNAMODB_TABLE"),
        ({"LATEST_STORE": "redis"}, "LATEST_STORE"),
    ],
)
def test_a_known_store_and_a_table_must_be_named(wrong: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=f"{named}: "):
        load({"ENVIRONMENT": "development", "LATEST_STORE": "dynamodb"} | wrong)


def test_the_sdk_is_loaded_only_where_it_is_used(tmp_path: Path) -> None:
    program = (
        "import os, sys\n"
        "from biometric.app import Application\n"
        "from biometric.settings import load\n"
        "Application(load(os.environ))\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'aiobotocore', 'aiohttp', 'botocore'}))\n"
    )

    def loaded(**more: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", program], env=environment(sqlite_in(tmp_path) | more),
            capture_output=True, text=True, check=True, timeout=60,
        )  # fmt: skip
        return done.stdout.strip()

    assert loaded(DYNAMODB_TABLE="named-but-not-used") == "[]"
    assert loaded(LATEST_STORE="dynamodb", DYNAMODB_TABLE="latest") == "['aiobotocore', 'aiohttp', 'botocore']"
