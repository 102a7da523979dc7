"""Values as a person reads them."""

from __future__ import annotations

import json
from typing import Any, Final

from berth.plan import UNKNOWN, Secret, Value
from berth.views.common import SECRET, masked

LATER: Final = "known after up"


def parsed(text: str) -> Any:
    """Return what a JSON object or list says, such as a policy document; None for any other text."""
    try:
        return json.loads(text) if text[:1] in ("{", "[") else None
    except (ValueError, RecursionError):
        return None


def shown(value: Value) -> str:
    """Return one value; secrets are masked, and an unknown one is what only ``up`` can tell."""
    if isinstance(value, Secret):
        return SECRET
    if value is UNKNOWN:
        return LATER
    return value if isinstance(value, str) else json.dumps(masked(value), ensure_ascii=False)
