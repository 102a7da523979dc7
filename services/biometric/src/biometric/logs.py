"""Logging: one line an event on standard error, and never a record's content."""

from __future__ import annotations

import logging


def configure(level: str) -> None:
    """Send the service's and the server's own messages from ``level`` on to standard error.

    Libraries stay at warnings whatever the level is: at debug, SQLAlchemy and its drivers print rows.

    Args:
        level: ``debug``, ``info``, ``warning``, ``error`` or ``critical``.
    """
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.WARNING)
    for name in ("biometric", "uvicorn"):
        logging.getLogger(name).setLevel(level.upper())
