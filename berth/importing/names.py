"""Names of services: other tools allow longer ones, and other characters."""

from __future__ import annotations

import re
from typing import Final

LONGEST: Final = 20
"""Characters of a service's name."""


def short(name: str) -> str:
    """Return a name that a service can have here: the beginning of it, in lower case and with hyphens."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    return plain[:LONGEST].rstrip("-")
