"""Serve: ``python -m biometric``."""

from __future__ import annotations

import logging
import os
import sys

import uvicorn
from sqlalchemy.exc import OperationalError

from biometric import logs
from biometric.api import create_app
from biometric.settings import SettingsError, load

log = logging.getLogger("biometric")

# Longer than a load balancer keeps an idle connection (60 s), or it would send requests into one that just closed.
KEEP_ALIVE_SECONDS = 75
# What is left of the grace period to close the database's connections in.
CLOSING_SECONDS = 2
HEADERS = [
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Cache-Control", "no-store"),
]


def main() -> int:
    """Serve until SIGTERM, then finish the requests under way; return the exit status."""
    try:
        settings = load(os.environ)
    except SettingsError as error:
        print(f"biometric: {error}", file=sys.stderr)
        return 2
    logs.configure(settings.log_level)
    if settings.database is None:
        # Imported only here: with PostgreSQL the migrations are a step of their own, and starting stays fast.
        from biometric.migrate import migrate

        log.warning("no DATABASE_HOST: records are kept in %s only", settings.sqlite_path)
        try:
            migrate(settings, wait_seconds=0)
        except OperationalError as error:
            log.error("%s cannot be used: %s", settings.sqlite_path, error.orig)
            return 1
    uvicorn.run(
        create_app(settings),
        host=settings.listen_host,
        port=settings.port,
        log_config=None,
        # A path names a user; who asked for what is the gateway's log to keep.
        access_log=False,
        server_header=False,
        headers=HEADERS,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=max(1, settings.shutdown_seconds - CLOSING_SECONDS),
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
