"""What outlives a stack in the account: the final snapshots of databases that are gone."""

import os
import re
from pathlib import Path

from .wire import Properties

FILE = "STANDIN_SNAPSHOTS"
"""Variable that names the file with their names, one a line."""
_NAME = re.compile(r"[a-z](-?[a-z0-9])*", re.IGNORECASE)


def delete_database(state: Properties) -> str | None:
    """Delete a database as RDS does, and return why not if it refuses (API reference, ``DeleteDBInstance``)."""
    if state.get("deletionProtection"):
        return "InvalidParameterCombination: Cannot delete protected DB Instance"
    if state.get("skipFinalSnapshot"):
        return None
    name = str(state.get("finalSnapshotIdentifier", ""))
    if not _NAME.fullmatch(name) or len(name) > 255:
        return f"InvalidParameterValue: {name!r} is no name of a snapshot"
    file = Path(os.environ[FILE]) if FILE in os.environ else None
    if file is None:
        return None
    if file.exists() and name in file.read_text().splitlines():
        return f"DBSnapshotAlreadyExists: {name}"
    with file.open("a") as names:
        names.write(f"{name}\n")
    return None
