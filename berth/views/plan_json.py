"""The Plan as one JSON object, for other programs; the same Plan gives the same bytes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from berth.plan import Plan
from berth.views.common import Violation, masked, ordered


def document(plan: Plan, violations: Sequence[Violation]) -> dict[str, Any]:
    """Return ``stack``, ``resources``, ``violations`` and ``outputs``, secrets masked."""
    return {
        "stack": plan.stack,
        "resources": [
            {
                "type": resource.type,
                "name": resource.name,
                "urn": resource.urn,
                "parent": resource.parent,
                "provider": resource.provider,
                "inputs": masked(resource.inputs),
                "dependencies": list(resource.dependencies),
            }
            for resource in plan.resources
        ],
        "violations": [asdict(violation) for violation in ordered(violations)],
        "outputs": masked(plan.outputs),
    }


def dumps(plan: Plan, violations: Sequence[Violation]) -> str:
    """Return the document as text."""
    return json.dumps(document(plan, violations), indent=2, ensure_ascii=False) + "\n"
