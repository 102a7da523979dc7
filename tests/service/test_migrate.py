"""The migrations: what they make, and that they run as a step beside others."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from fastapi.testclient import TestClient
from sqlalchemy import create_engine

import postgres
import processes
from biometric import migrations
from biometric.app import Application
from biometric.migrate import MigrationError, migrate
from biometric.models import SCHEMA_REVISION, Base, RecordRow
from biometric.schema import Record
from biometric.settings import Settings, SettingsError, load
from conftest import NewDatabase, synchronous
from processes import Service


def test_the_code_asks_for_the_newest_revision() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__path__[0])))
    script = ScriptDirectory.from_config(config)
    assert script.get_heads() == [SCHEMA_REVISION]
    revisions = [revision.revision for revision in script.walk_revisions()]
    assert revisions == sorted(revisions, reverse=True), "a later revision must have a higher number"


def test_the_migrations_make_what_the_models_map(settings: Settings) -> None:
    migrate(settings, wait_seconds=5)
    engine = create_engine(synchronous(settings.url))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_the_table_has_every_key_of_the_document() -> None:
    columns = {column.name: column.nullable for column in RecordRow.__table__.columns}
    assert columns.pop("arrival") is False
    assert columns == {name: not info.is_required() for name, info in Record.model_fields.items()}


def test_migrating_again_changes_nothing(variables: dict[str, str]) -> None:
    for _ in range(2):
        done = processes.run("biometric.migrate", variables)
        assert done.returncode == 0, done.stderr
        assert f"the schema is at {SCHEMA_REVISION}" in done.stderr


def test_an_older_version_starts_on_a_newer_schema(variables: dict[str, str]) -> None:
    """It is rolled back to, or started once more while a newer one rolls out."""
    settings = load(variables)
    migrate(settings, wait_seconds=5)
    engine = create_engine(synchronous(settings.url))
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    done = processes.run("biometric.migrate", variables)
    assert done.returncode == 0, done.stderr
    assert "the schema is at 9999, which is later than this version knows" in done.stderr
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one() == "9999"
    engine.dispose()


def test_an_index_that_was_not_finished_is_not_taken_for_one(
    server: postgres.Server, new_postgres: NewDatabase
) -> None:
    """CREATE INDEX CONCURRENTLY leaves one behind when it fails, under the name that is looked for."""
    variables = new_postgres()
    settings = load(variables)
    migrate(settings, wait_seconds=5)
    with server.connect(variables["DATABASE_NAME"]) as connection:
        connection.execute("DROP TABLE attempt; UPDATE alembic_version SET version_num = '0001'")
        connection.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'record_arrival'::regclass")
        with pytest.raises(MigrationError, match="record_arrival is there and not valid"):
            migrate(settings, wait_seconds=5)
        connection.execute("DROP INDEX record_arrival")
    migrate(settings, wait_seconds=5)


def test_several_at_once_do_no_harm(new_postgres: NewDatabase) -> None:
    variables = processes.environment(new_postgres())
    command = [sys.executable, "-m", "biometric.migrate"]
    started = [subprocess.Popen(command, env=variables, stderr=subprocess.PIPE, text=True) for _ in range(6)]
    outcomes = [(process.communicate(timeout=60)[1], process.returncode) for process in started]
    assert [status for _, status in outcomes] == [0] * 6, "\n".join(log for log, _ in outcomes)


def test_another_migration_is_waited_for_but_not_for_ever(server: postgres.Server, new_postgres: NewDatabase) -> None:
    variables = new_postgres()
    with server.connect(variables["DATABASE_NAME"]) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [0x62696F6D])
        started = time.monotonic()
        with pytest.raises(MigrationError, match="LockNotAvailableError 55P03"):
            migrate(load(variables), wait_seconds=1)
        assert 0.9 < time.monotonic() - started < 10
    migrate(load(variables), wait_seconds=5)


def test_a_database_that_is_still_starting_is_waited_for(server: postgres.Server, new_postgres: NewDatabase) -> None:
    variables = new_postgres()
    name = variables["DATABASE_NAME"]
    with server.connect() as connection:
        connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'.encode())
        process = subprocess.Popen(
            [sys.executable, "-m", "biometric.migrate"],
            env=processes.environment(variables), stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stderr is not None
        assert "waiting for the database" in process.stderr.readline()
        connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'.encode())
        assert process.wait(timeout=30) == 0
        process.stderr.close()


def test_a_database_that_never_answers_ends_in_one_line() -> None:
    variables = postgres.Server(processes.free_port()).environment("biometric")
    with pytest.raises(MigrationError):
        migrate(load(variables), wait_seconds=0)


def test_a_newer_schema_does_not_make_this_version_unready(
    server: postgres.Server, stored: dict[str, str], on_stored: Service
) -> None:
    with server.connect(stored["DATABASE_NAME"]) as connection:
        for revision, status in (("9999", 200), ("0000", 503), (SCHEMA_REVISION, 200)):
            connection.execute("UPDATE alembic_version SET version_num = %s", [revision])
            assert on_stored.request("GET", "/readyz")[0] == status, revision


def test_the_connection_is_encrypted_and_the_password_taken_as_it_is(
    server: postgres.Server, stored: dict[str, str], on_stored: Service
) -> None:
    with server.connect() as connection:
        assert on_stored.request("GET", "/readyz")[0] == 200
        found = connection.execute(
            "SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'biometric'"
        ).fetchall()
        assert found and set(found) == {(True,)}
    with pytest.raises(MigrationError, match="no encryption"):
        migrate(load(stored | {"DATABASE_SSLMODE": "disable", "ENVIRONMENT": "development"}), wait_seconds=0)
    with pytest.raises(MigrationError, match="password authentication failed"):
        migrate(load(stored | {"DATABASE_PASSWORD": "quite another one"}), wait_seconds=0)


def test_the_service_gets_a_role_that_only_reads_and_writes_rows(
    new_postgres: NewDatabase, server: postgres.Server, sample: bytes
) -> None:
    """Only the migrations know the admin, who owns the tables; a new password holds from the next migration on."""
    admin = new_postgres()
    name, role = admin["DATABASE_NAME"], f"app_{uuid4().hex}"
    for password in ("first-password-of-the-role", "second-password-of-the-role"):
        running = admin | {"DATABASE_USER": role, "DATABASE_PASSWORD": password}
        given = {"DATABASE_ADMIN_USER": admin["DATABASE_USER"], "DATABASE_ADMIN_PASSWORD": admin["DATABASE_PASSWORD"]}
        migrate(load(running | given), wait_seconds=5)
        with TestClient(Application(load(running))) as client:
            answer = client.post("/rest/records", content=sample, headers={"content-type": "application/json"})
            assert answer.status_code == 201, answer.text
            assert client.get("/rest/read/json/latest/202004285").content == sample
    with server.connect(name) as connection:
        connection.execute(f'SET ROLE "{role}"'.encode())
        for forbidden in ("CREATE TABLE mine ()", "DROP TABLE record", "CREATE ROLE other", "TRUNCATE record"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(forbidden.encode())
        attributes = "SELECT rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user"
        assert connection.execute(attributes).fetchone() == (False, False, False)


def test_half_an_admin_is_refused() -> None:
    with pytest.raises(SettingsError, match="DATABASE_ADMIN_USER, DATABASE_ADMIN_PASSWORD: set both or none"):
        load(postgres.Server(5432).environment("records") | {"DATABASE_ADMIN_USER": "admin"})
