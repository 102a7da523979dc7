"""Bring the database's schema up to date: ``python -m biometric.migrate``.

Run as a step before the service. Any number may run at once: they take turns, and the later ones find nothing to do.
Where it is given ``DATABASE_ADMIN_USER``, the tables are that user's; the service's own role, ``DATABASE_USER``, is
created here and may do nothing but read and write rows.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import logging
import os
import sys
from contextlib import aclosing
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from biometric import logs
from biometric.models import SCHEMA_REVISION
from biometric.problems import summary
from biometric.relational import make_engine
from biometric.settings import Database, Settings, SettingsError, load

WAIT_SECONDS = 60.0
"""How long a database may take to answer: one that was just made is still starting."""
TABLE_LOCK_SECONDS = 3
"""How long a change of a table may wait for it; below what a request's own statement waits."""
LOCK = 0x62696F6D  # "biom"
"""Key of the advisory lock; any number, as long as nothing else in this database uses it."""
SCRAM_ITERATIONS = 4096
"""PostgreSQL's own number."""

log = logging.getLogger("biometric.migrate")  # run as a module, this one is called __main__


class MigrationError(Exception):
    """The schema could not be brought up to date; the message says why."""


def migrate(settings: Settings, wait_seconds: float = WAIT_SECONDS) -> None:
    """Apply the migrations that are missing, all or none; wait for a connection, and again for another migration.

    Raises:
        MigrationError: The database did not answer in time, or another migration did not end in time.
    """
    try:
        asyncio.run(_migrate(settings, wait_seconds))
    except (DBAPIError, OSError, CommandError) as error:
        said = error.orig if isinstance(error, DBAPIError) else error
        raise MigrationError(f"{summary(error)}: {said}") from None


async def _migrate(settings: Settings, wait_seconds: float) -> None:
    database = settings.database
    admin = settings.model_copy(update={"database": database and database.as_admin()})
    engine = make_engine(admin, serving=False)
    try:
        connection = await _connect(engine, wait_seconds)
        async with aclosing(connection), connection.begin():
            if database is not None:
                # Bound to the transaction: it goes when the connection goes, however that happens.
                await connection.execute(text(f"SET LOCAL lock_timeout = {round(wait_seconds * 1000)}"))
                await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
                # A change of a table that waits holds up everybody behind it: rather none, and another try.
                await connection.execute(text(f"SET LOCAL lock_timeout = {TABLE_LOCK_SECONDS * 1000}"))
            await connection.run_sync(_upgrade)
            if database is not None and database.admin_user is not None:
                await _admit(connection, database)
    finally:
        await engine.dispose()


def _upgrade(connection: Connection) -> None:
    found = MigrationContext.configure(connection).get_current_revision()
    if found is not None and found > SCHEMA_REVISION:
        # A newer version has been here, and this one is rolled back to, or started once more beside it.
        log.info("the schema is at %s, which is later than this version knows", found)
        return
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    log.info("the schema is at %s", SCHEMA_REVISION)


async def _admit(connection: AsyncConnection, database: Database) -> None:
    """Create the service's role or change its password, and let it read and write rows, and no more."""
    role = connection.dialect.identifier_preparer.quote_identifier(database.user)
    known = await connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": database.user})
    verb = "ALTER" if known else "CREATE"
    # Neither a statement that is logged nor one that fails shows the password: the server is sent what it would store.
    verifier = scram_verifier(database.password.get_secret_value())
    for statement in (
        f"{verb} ROLE {role} LOGIN PASSWORD '{verifier}'",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}",
    ):
        await connection.exec_driver_sql(statement)
    log.info("the service's role may read and write", extra={"role": database.user})


def scram_verifier(password: str) -> str:
    """Return what PostgreSQL stores of an ASCII password (its manual, ``pg_authid``; RFC 5803)."""
    salt = os.urandom(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, SCRAM_ITERATIONS)
    client, server = (hmac.digest(salted, key, "sha256") for key in (b"Client Key", b"Server Key"))
    stored = hashlib.sha256(client).digest()
    encoded_salt, encoded_stored, encoded_server = (base64.b64encode(part).decode() for part in (salt, stored, server))
    return f"SCRAM-SHA-256${SCRAM_ITERATIONS}:{encoded_salt}${encoded_stored}:{encoded_server}"


async def _connect(engine: AsyncEngine, wait_seconds: float) -> AsyncConnection:
    """Connect, trying again every second until the time is up; the last error is raised then."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + wait_seconds
    while True:
        try:
            return await engine.connect()
        except (DBAPIError, OSError) as error:
            if loop.time() + 1 > deadline:
                raise
            log.info("waiting for the database", extra={"cause": summary(error)})
            await asyncio.sleep(1)


def main() -> int:
    """Migrate the database that the environment names; return the exit status."""
    try:
        settings = load(os.environ)
    except SettingsError as error:
        print(f"biometric: {error}", file=sys.stderr)
        return 2
    logs.configure(settings.log_level)
    try:
        migrate(settings)
    except MigrationError as error:
        log.error("the database could not be migrated: %s", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
