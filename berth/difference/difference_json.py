"""The difference as one JSON object, for other programs; the same difference gives the same bytes."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from berth.difference.comparison import Comparison
from berth.difference.outcome import MISSING, Change, ResourceChange
from berth.difference.view import HONEST
from berth.views.common import masked


def document(comparison: Comparison, *, cost_change: str | None = None) -> dict[str, Any]:
    """Return ``stack``, ``base``, ``resources``, ``outputs`` and ``findings``, secrets masked."""
    found = comparison.difference
    return {
        "about": HONEST,
        "stack": comparison.stack,
        "base": comparison.base,
        "notices": list(comparison.notices),
        "resources": [_resource(change) for change in found.resources],
        "losses": [asdict(item) for item in comparison.losses],
        "unchanged": found.unchanged,
        "unknown": found.unknown,
        "outputs": [_change(change) for change in found.outputs],
        "findings": asdict(comparison.findings),
        "cost_change": cost_change,
    }


def dumps(comparison: Comparison, *, cost_change: str | None = None) -> str:
    """Return the document as text."""
    return json.dumps(document(comparison, cost_change=cost_change), indent=2, ensure_ascii=False) + "\n"


def _resource(change: ResourceChange) -> dict[str, Any]:
    return {
        "kind": change.kind,
        "type": change.resource.type,
        "name": change.resource.name,
        "urn": change.resource.urn,
        "before": change.before.urn if change.before else None,
        "certain": change.certain,
        "loses": change.loses,
        "source": change.resource.source,
        "changes": [_change(item) for item in change.changes],
    }


def _change(change: Change) -> dict[str, Any]:
    """Return a property's change; a side without the property has no key."""
    sides = {"before": change.before, "after": change.after}
    return {
        "path": change.where,
        "kind": change.kind,
        **{name: masked(value) for name, value in sides.items() if value is not MISSING},
        "note": change.note,
        "replaces": change.replaces,
    }
