"""Estimates as JSON; the same estimate gives the same bytes, and amounts are text, exact to the last digit."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from berth.cost.estimator import Estimate
from berth.cost.text import exact, money


def document(result: Estimate) -> dict[str, Any]:
    """Return one estimate as an object; amounts are US dollars a month, ``rounded`` ones to the cent."""
    return {
        "stack": result.stack,
        "region": result.region,
        "currency": "USD",
        "pricesOf": result.prices_of,
        "total": exact(result.total),
        "totalRounded": money(result.total).replace(",", ""),
        "complete": result.complete,
        "unconfirmed": exact(result.unconfirmed),
        "subtotals": {name: exact(amount) for name, amount in result.subtotals.items()},
        "lines": [
            {
                "resource": line.resource,
                "urn": line.urn,
                "type": line.type,
                "component": line.component,
                "what": line.what,
                "quantity": exact(line.quantity),
                "unit": line.unit,
                "unitPrice": exact(line.unit_price),
                "amount": exact(line.amount),
                "confirmed": line.confirmed,
                "sources": list(line.sources),
            }
            for line in result.lines
        ],
        "unpriced": [
            {
                "resource": item.resource,
                "type": item.type,
                "component": item.component,
                "what": item.what,
                "reason": item.reason,
            }
            for item in result.unpriced
        ],
        "unknownTypes": dict(result.unknown),
        "freeResources": result.free,
        "usage": {
            name: exact(value) if isinstance(value, Decimal) else value for name, value in vars(result.usage).items()
        },
    }


def dumps(results: Sequence[Estimate]) -> str:
    """Return a list of estimates as text."""
    return json.dumps({"estimates": [document(result) for result in results]}, indent=2, ensure_ascii=False) + "\n"
