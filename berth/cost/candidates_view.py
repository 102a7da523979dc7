"""Stacks beside each other, as sections."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from berth.cost.candidates import Candidate
from berth.cost.estimate_view import basis_of, total
from berth.cost.times import creation_of
from berth.resource_types.resource_type import NO_TIME, SHORT
from berth.views.common import by_level, by_severity, counts, created, kind
from berth.views.plan_view import places
from berth.views.section import Block, Bullets, Section, Table, Text

_BASIS: Final = (
    "Minutes are those of the longest chain of dependencies, by typical creation times; most of these are estimates."
)


def sections(candidates: Sequence[Candidate]) -> list[Section]:
    """Return the table of all stacks, then of each what the table has no room for."""
    if not candidates:
        return []
    numeric = frozenset(range(1, len(candidates) + 1))
    table = Table(["", *(one.plan.stack for one in candidates)], facts(candidates), numeric)
    assumed = Bullets("Assumed for all", candidates[0].estimate.usage.assumptions(), "muted")
    return [
        Section("", [table, Text(_BASIS, "muted")], weight=0),
        *(Section(one.plan.stack, _details(one)) for one in candidates),
        Section("", [assumed]),
    ]


def facts(candidates: Sequence[Candidate]) -> list[list[str]]:
    """Return the table's rows: a name and a text a stack."""
    columns = [_facts(one) for one in candidates]
    names = dict.fromkeys(name for column in columns for name in column)
    packages = sorted(name for name in names if name.startswith("of "))
    order = [*list(names)[:2], *packages, *(name for name in list(names)[2:] if name not in packages)]
    return [[name, *(column.get(name, "0") for column in columns)] for name in order]


def _facts(candidate: Candidate) -> dict[str, str]:
    bad = by_severity(candidate.violations)
    low, high = round(candidate.chain.low), round(candidate.chain.high)
    return {
        "services": "\n".join(places(candidate.plan)) or "not known",
        "resources": str(len(created(candidate.plan.resources))),
        **{f"of {name}": str(count) for name, count in counts(candidate.plan.resources)},
        **{f"{level} findings": str(count) for level, count in by_level(candidate.violations).items()},
        "how bad": ", ".join(f"{count} {severity}" for severity, count in bad.items()) or "-",
        "USD a month": total(candidate.estimate),
        "minutes of `up`": f"{low} to {high}" if low != high else str(high),
        "longest chain": f"{len(candidate.chain.resources)} resources",
    }


def chain_text(candidate: Candidate) -> str:
    """Return the links of the longest chain that take time by themselves, with their minutes."""
    times = [(item, creation_of(item)) for item in candidate.chain.resources]
    steps = [
        f"{kind(item)} ({time.low:g} to {time.high:g} min)" for item, time in times if time not in (SHORT, NO_TIME)
    ]
    return " → ".join(steps) or "nothing that takes a minute"


def _details(candidate: Candidate) -> list[Block]:
    limits = [
        Bullets(f"What {host.berth} cannot do", [f"{one.what}: {one.instead}" for one in host.limits])
        for host in candidate.plan.hosts
        if host.limits
    ]
    return [Text(f"Longest chain: {chain_text(candidate)}."), *basis_of(candidate.estimate), *limits]
