"""What the tests share: the sample record, and a database of each kind."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import URL, create_engine, delete

import postgres
import processes
from biometric.app import Application
from biometric.migrate import migrate
from biometric.models import AttemptRow, RecordRow
from biometric.settings import Settings, load

SAMPLE = Path(__file__).parents[2] / "services" / "biometric" / "sample" / "record.json"

NewDatabase = Callable[[], dict[str, str]]
"""Makes an empty database and returns the service's variables for it."""


@pytest.fixture(scope="session")
def sample() -> bytes:
    """The published record, byte for byte, without the file's final line break."""
    return SAMPLE.read_bytes().rstrip(b"\n")


@pytest.fixture(scope="session")
def server() -> Iterator[postgres.Server]:
    """A PostgreSQL server; the test is skipped where there is none."""
    programs = postgres.find_programs()
    if programs is None:
        pytest.skip("no PostgreSQL server here: install the package 'postgresql'")
    with tempfile.TemporaryDirectory() as folder, postgres.running(programs, Path(folder)) as running:
        yield running


@pytest.fixture(scope="session")
def new_postgres(request: pytest.FixtureRequest) -> NewDatabase:
    """Makes databases on the PostgreSQL server, which starts with the first."""

    def make() -> dict[str, str]:
        server: postgres.Server = request.getfixturevalue("server")
        name = f"test_{uuid4().hex}"
        with server.connect() as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        return server.environment(name)

    return make


@pytest.fixture(params=["sqlite", "postgresql"])
def variables(request: pytest.FixtureRequest, new_postgres: NewDatabase, tmp_path: Path) -> dict[str, str]:
    """The service's variables for an empty database of each kind."""
    return sqlite_in(tmp_path) if request.param == "sqlite" else new_postgres()


@pytest.fixture
def stored(new_postgres: NewDatabase) -> dict[str, str]:
    """The service's variables for a PostgreSQL database of the test's own that has the schema."""
    return with_schema(new_postgres())


@pytest.fixture
def on_stored(stored: dict[str, str], tmp_path: Path) -> Iterator[processes.Service]:
    """The service, as a process, on that database."""
    with processes.serving(stored, tmp_path) as running:
        yield running


@pytest.fixture
def service(variables: dict[str, str], tmp_path: Path) -> Iterator[processes.Service]:
    """The service, as a process, on a database of each kind."""
    with processes.serving(with_schema(variables), tmp_path) as running:
        yield running


@pytest.fixture
def settings(variables: dict[str, str]) -> Settings:
    """Settings for an empty database of each kind."""
    return load(variables)


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def migrated(
    request: pytest.FixtureRequest, new_postgres: NewDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Settings:
    """Settings for a migrated database of each kind, made once: a database costs more than a test."""
    variables = sqlite_in(tmp_path_factory.mktemp("sqlite")) if request.param == "sqlite" else new_postgres()
    return load(with_schema(variables))


@pytest.fixture
def client(migrated: Settings) -> Iterator[TestClient]:
    """The API on a database of each kind that has the schema and no records."""
    engine = create_engine(synchronous(migrated.url))
    with engine.begin() as connection:
        connection.execute(delete(RecordRow))
        connection.execute(delete(AttemptRow))
    engine.dispose()
    with TestClient(Application(migrated)) as running:
        yield running


def sqlite_in(folder: Path) -> dict[str, str]:
    """Return the service's variables for a file in a folder."""
    return {"ENVIRONMENT": "development", "SQLITE_PATH": str(folder / "records.db")}


def with_schema(variables: dict[str, str]) -> dict[str, str]:
    """Migrate a database; return its variables as they are."""
    migrate(load(variables), wait_seconds=5)
    return variables


def synchronous(url: URL) -> URL:
    """Return the same database's address for a synchronous engine, by another driver than the service's own."""
    if url.drivername == "sqlite+aiosqlite":
        return url.set(drivername="sqlite")
    return url.set(drivername="postgresql+psycopg", query={"sslmode": url.query["ssl"]})
