"""Bring the database's schema up to date: ``python -m biometric.migrate``.

Run as a step before the service. Any number may run at once: they take turns, and the later ones find nothing to do.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import OperationalError

from biometric import logs
from biometric.db import options
from biometric.models import SCHEMA_REVISION
from biometric.settings import Settings, SettingsError, load

WAIT_SECONDS = 60.0
"""How long a database may take to answer: one that was just made is still starting."""
LOCK = 0x62696F6D  # "biom"
"""Key of the advisory lock; any number, as long as nothing else in this database uses it."""

log = logging.getLogger("biometric.migrate")  # run as a module, this one is called __main__


def migrate(settings: Settings, wait_seconds: float = WAIT_SECONDS) -> None:
    """Apply the migrations that are missing, all or none of them.

    Args:
        settings: Says which database.
        wait_seconds: Longest time to wait for a connection, and again for another migration to end.

    Raises:
        OperationalError: The database did not answer in time, or another migration did not end in time.
    """
    url = settings.url
    if settings.database is None:
        url = url.set(drivername="sqlite")
    engine = create_engine(url, **options(settings))
    try:
        with _connect(engine, wait_seconds) as connection, connection.begin():
            if settings.database is not None:
                # Bound to the transaction: it goes when the connection goes, however that happens.
                connection.execute(text(f"SET LOCAL lock_timeout = {round(wait_seconds * 1000)}"))
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
            config = Config()
            config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()


def _connect(engine: Engine, wait_seconds: float) -> Connection:
    """Connect, trying again every second until the time is up; the last error is raised then."""
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            return engine.connect()
        except OperationalError as error:
            if time.monotonic() + 1 > deadline:
                raise
            log.info("waiting for the database: %s", error.orig)
            time.sleep(1)


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
    except OperationalError as error:
        log.error("the database could not be migrated: %s", error.orig)
        return 1
    log.info("the schema is at %s", SCHEMA_REVISION)
    return 0


if __name__ == "__main__":
    sys.exit(main())
