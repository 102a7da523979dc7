"""Estimates and comparisons as JSON; the same gives the same bytes, and amounts are text, exact to the last digit."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from berth.cost.amounts import exact, money
from berth.cost.candidates import Candidate
from berth.cost.estimator import Estimate
from berth.cost.times import creation_of
from berth.views.common import by_level, by_severity, counts, created


def estimates_text(results: Sequence[Estimate]) -> str:
    """Return a list of estimates as text."""
    return _text({"estimates": [_estimate(result) for result in results]})


def candidates_text(candidates: Sequence[Candidate]) -> str:
    """Return a comparison as text."""
    return _text({"stacks": [_candidate(one) for one in candidates]})


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False, default=exact) + "\n"


def _estimate(result: Estimate) -> dict[str, Any]:
    """Return one estimate as an object; amounts are US dollars a month, ``rounded`` ones to the cent."""
    return {
        "stack": result.stack,
        "region": result.region,
        "currency": "USD",
        "pricesOf": result.prices_of,
        "total": result.total,
        "totalRounded": money(result.total).replace(",", ""),
        "complete": result.complete,
        "unconfirmed": result.unconfirmed,
        "subtotals": result.subtotals,
        "lines": [{name.replace("_p", "P"): value for name, value in vars(line).items()} for line in result.lines],
        "unpriced": [asdict(item) for item in result.unpriced],
        "unknownTypes": dict(result.unknown),
        "freeResources": result.free,
        "usage": vars(result.usage),
    }


def _candidate(candidate: Candidate) -> dict[str, Any]:
    plan, violations, chain = candidate.plan, candidate.violations, candidate.chain
    return {
        "stack": plan.stack,
        "moorings": [asdict(one) for one in plan.moorings],
        "resources": len(created(plan.resources)),
        "packages": dict(sorted(counts(plan.resources))),
        "findings": {**by_level(violations), "severities": by_severity(violations)},
        "cost": _estimate(candidate.estimate),
        "up": {
            "minutes": {"low": round(chain.low, 2), "high": round(chain.high, 2)},
            "chain": [{"urn": item.urn, **asdict(creation_of(item))} for item in chain.resources],
        },
        "limits": [{"berth": host.berth, **asdict(one)} for host in plan.hosts for one in host.limits],
    }
