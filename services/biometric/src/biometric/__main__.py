"""Serve: ``python -m biometric``."""

from __future__ import annotations

import gc
import logging
import os
import sys

import uvicorn

from biometric import logs
from biometric.app import Application
from biometric.server import OPTIONS, Server, times
from biometric.settings import Settings, SettingsError, load

log = logging.getLogger("biometric")


def main() -> int:
    """Serve until SIGTERM, then finish the requests under way; return the exit status."""
    try:
        settings = load(os.environ)
    except SettingsError as error:
        print(f"biometric: {error}", file=sys.stderr)
        return 2
    logs.configure(settings.log_level)
    if settings.database is None and not _make_sqlite(settings):
        return 1
    application = Application(settings)
    drain, finish = times(settings)
    config = uvicorn.Config(
        application, host=settings.listen_host, port=settings.port, timeout_graceful_shutdown=finish, **OPTIONS
    )
    # What is imported by now stays: the collector need not look at it again and again.
    gc.collect()
    gc.freeze()
    server = Server(config, application.leaving, drain)
    server.run()
    return 0 if server.started else 1


def _make_sqlite(settings: Settings) -> bool:
    """Make the file for a quick look; return whether it worked. On PostgreSQL, migrations are a step of their own."""
    # Imported only here, so that starting stays fast.
    from biometric.migrate import MigrationError, migrate

    log.warning("no DATABASE_HOST: records are kept in %s only", settings.sqlite_path)
    try:
        migrate(settings, wait_seconds=0)
    except MigrationError as error:
        log.error("%s cannot be used: %s", settings.sqlite_path, error)
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
