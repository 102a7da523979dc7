"""The database's connections: how many, for how long, and what happens when they break."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor, wait

import pytest
from hypothesis import given
from hypothesis import strategies as st

import postgres
from biometric import connections
from biometric.connections import MOST_CONNECTIONS, ORM_CONNECTIONS, OTHER_CONNECTIONS, SPARE_CONNECTIONS, allowance
from biometric.relational import TURN, turn
from processes import Service, wait_until

USER = 7
WAITING = """
FROM pg_stat_activity
WHERE application_name = 'biometric' AND wait_event_type = 'Lock' AND datname = current_database()
"""
BREAK = f"SELECT pg_terminate_backend(pid) {WAITING}"
COUNT = f"SELECT count(*) {WAITING}"


@given(limit=st.integers(1, 5000), replicas=st.integers(1, 200))
def test_twice_the_replicas_fit_the_database(limit: int, replicas: int) -> None:
    allowed = allowance(limit, replicas)
    assert 1 <= allowed.hot <= MOST_CONNECTIONS
    needed = 2 * replicas * (allowed.hot + OTHER_CONNECTIONS) + SPARE_CONNECTIONS
    assert allowed.short == (needed > limit)


@pytest.mark.parametrize(
    "limit, replicas, hot, short",
    [(109, 4, 8, False), (97, 1, 16, False), (109, 8, 1, False), (109, 20, 1, True)],
)
def test_examples(limit: int, replicas: int, hot: int, short: bool) -> None:
    """109: what RDS allows on a db.t4g.micro, 1 GiB / 9,531,392 bytes less 3 for its superuser."""
    assert allowance(limit, replicas) == connections.Allowance(hot, short)


@given(st.integers(1, 2**63 - 1))
def test_there_are_few_turns_to_take(user: int) -> None:
    """A batch takes all that its users have: the server's table of locks has room for some thousands in all."""
    assert 0 <= turn(user) < 512


def test_no_more_connections_are_opened_than_the_account_may_have(
    server: postgres.Server, stored: dict[str, str], on_stored: Service, sample: bytes
) -> None:
    name = stored["DATABASE_NAME"]
    limit = SPARE_CONNECTIONS + 2 * (2 + OTHER_CONNECTIONS)
    with server.connect() as connection:
        connection.execute(f'ALTER DATABASE "{name}" CONNECTION LIMIT {limit}'.encode())
        statuses: list[int] = []

        def send() -> None:
            for _ in range(10):
                statuses.append(on_stored.request("POST", "/rest/records", sample)[0])
                statuses.append(on_stored.request("GET", "/rest/users")[0])

        assert on_stored.request("GET", "/readyz")[0] == 200
        with ThreadPoolExecutor(12) as threads:
            list(threads.map(lambda _: send(), range(12)))
        assert set(statuses) <= {200, 201}
        # The limit does not hold for a superuser, as the tests' account is: what is opened is what the service wants.
        found = connection.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = %s", [name]).fetchone()
        assert found is not None
        assert found[0] == 2 + OTHER_CONNECTIONS
        assert '"hot":2' in on_stored.log.read_text()


@pytest.mark.parametrize("obstacle", ["a lock that somebody holds", "a statement that takes long"])
def test_statements_have_a_time_limit(
    server: postgres.Server, stored: dict[str, str], on_stored: Service, obstacle: str
) -> None:
    with server.connect(stored["DATABASE_NAME"]) as connection:
        if "lock" in obstacle:
            connection.execute("BEGIN; LOCK TABLE record IN ACCESS EXCLUSIVE MODE")
        else:
            connection.execute("INSERT INTO record (user_id, ts_start, ts_stop) VALUES (%s, 0, 0)", [USER])
            connection.execute("ALTER TABLE record RENAME TO kept")
            connection.execute("CREATE VIEW record AS SELECT kept.* FROM kept, pg_sleep(60)")
        started = time.monotonic()
        status, headers, body = on_stored.request("GET", f"/rest/read/json/latest/{USER}")
        assert (status, headers["retry-after"]) == (503, "1"), body
        assert connections.STATEMENT_SECONDS - 1 < time.monotonic() - started < connections.STATEMENT_SECONDS + 5


def test_a_restart_of_the_database_is_waited_for(
    stored: dict[str, str], server: postgres.Server, on_stored: Service
) -> None:
    """Every backend is ended and none let in for a while, as in a restart; nobody's request fails who can be helped."""
    name = stored["DATABASE_NAME"]
    keyed = {"Idempotency-Key": "a-retry-is-safe"}
    document = json.dumps({"userId": USER, "tsStart": 0, "tsStop": 1}).encode()
    with server.connect() as connection, ThreadPoolExecutor(4) as threads:
        assert on_stored.request("POST", "/rest/records", document)[0] == 201
        connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'.encode())
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        paths = (f"/rest/read/json/latest/{USER}", f"/rest/records?userId={USER}", "/rest/users")
        answers = [threads.submit(on_stored.request, "GET", path) for path in paths]
        answers.append(threads.submit(on_stored.request, "POST", "/rest/records", document, keyed))
        assert on_stored.request("GET", "/healthz")[0] == 200
        assert on_stored.request("GET", "/readyz")[0] == 503
        assert not wait(answers, 0.8).done, "they wait"
        connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'.encode())
        assert [answer.result()[0] for answer in answers] == [200, 200, 200, 201]
        page = json.loads(on_stored.request("GET", f"/rest/records?userId={USER}")[2])
        assert len(page["records"]) == 2


@pytest.mark.parametrize("path, one", [("/rest/records", True), ("/rest/records:batch", False)])
def test_a_write_whose_connection_breaks_is_done_again_only_where_that_is_safe(
    stored: dict[str, str], server: postgres.Server, on_stored: Service, path: str, one: bool
) -> None:
    document = {"userId": USER, "tsStart": 0, "tsStop": 1}
    body = json.dumps(document if one else [document]).encode()
    name = stored["DATABASE_NAME"]
    with (
        server.connect(name) as other,
        server.connect(name) as breaker,  # within a transaction, activity is seen as it was at first
    ):

        def post_and_break(headers: dict[str, str]) -> tuple[int, bytes]:
            with ThreadPoolExecutor(1) as threads, other.transaction():
                other.execute("SELECT pg_advisory_xact_lock(%s, %s)", [TURN, turn(USER)])  # so that it is under way
                answer = threads.submit(on_stored.request, "POST", path, body, headers)
                broken = wait_until(lambda: breaker.execute(BREAK).fetchall())
                assert broken == [(True,)]
            return answer.result()[::2]

        status, text = post_and_break({})
        assert status == 503
        assert b"Idempotency-Key" in text
        assert post_and_break({"Idempotency-Key": "key"})[0] == 201
        assert other.execute("SELECT count(*) FROM record").fetchone() == (1,)


def test_a_busy_replica_is_ready(server: postgres.Server, stored: dict[str, str], on_stored: Service) -> None:
    """Else load would take all replicas out at once."""
    with (
        server.connect(stored["DATABASE_NAME"]) as other,
        server.connect(stored["DATABASE_NAME"]) as watcher,
        ThreadPoolExecutor(12) as threads,
    ):
        other.execute("BEGIN; LOCK TABLE record IN ACCESS EXCLUSIVE MODE")
        for _ in range(12):
            threads.submit(on_stored.request, "GET", "/rest/users")
        wait_until(lambda: watcher.execute(COUNT).fetchone() == (ORM_CONNECTIONS,))
        assert on_stored.request("GET", "/readyz")[0] == 200
        other.execute("ROLLBACK")
