"""The sample at every berth as planned; and from any to any other, for real and under load: no request is lost."""

from __future__ import annotations

import shutil
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from berth.plan import Plan, Resource
from berth.record import record_plan
from berth.rehearse import Move, Options
from berth.rehearse.drivers.claims import units
from components.berths.registry import BERTHS, MOST_BERTHS

from . import plans
from .running import ROOT, SCRATCH, rehearse

pytestmark = [
    pytest.mark.podman,
    pytest.mark.skipif(shutil.which("podman") is None, reason="podman is not installed"),
    pytest.mark.skipif(shutil.which("haproxy", path="/usr/sbin:/usr/bin") is None, reason="haproxy is not installed"),
    pytest.mark.usefixtures("nothing_is_left"),
]
REQUESTS = 5000
INTERVAL, FAILURES = 5, 2
"""Of the target groups' questions: the shortest that AWS takes, so that a kill is known within 15 s here."""


def at_every_berth() -> Plan:
    """Return the sample at all berths; of several Plans, since one load balancer takes five."""
    names = list(BERTHS)
    found: dict[str, Resource] = {}
    for first in range(0, len(names), MOST_BERTHS):
        weights = dict.fromkeys(names[first : first + MOST_BERTHS], 0) | {names[first]: 100}
        plan = record_plan("dev", ROOT, {"berth:backend": None, "berth:berths": weights})
        found |= {one.urn: one for one in plan.resources}
    return replace(plan, stack=SCRATCH, resources=list(found.values()))


def ask_often(inputs: dict[str, Any]) -> None:
    """Let a target group notice soon."""
    inputs["healthCheck"] |= {"interval": INTERVAL, "unhealthyThreshold": FAILURES}


def test_from_any_berth_to_any_other_no_request_is_lost_and_a_killed_one_costs_no_more_than_it_must() -> None:
    plan = plans.edit(at_every_berth(), plans.TARGET_GROUP, ask_often)
    berths = sorted({unit.mooring.berth for unit in units(plan) if unit.mooring})
    pairs = list(permutations(berths, 2))
    # Each is stopped under load once, by the last of the moves that leave it: a start after each would take longer.
    last = dict(pairs)
    moves = [Move({old: 100}, new, requests=REQUESTS, stops=last[old] == new) for old, new in pairs]
    [old, new] = pairs[0]
    rehearsal, _ = rehearse(plan, options=Options(moves=[*moves, Move({old: 100}, new, requests=500, kill_at=50)]))
    assert rehearsal.ok and rehearsal.record == ()
    judged = {one.container.partition(": ")[0] for one in rehearsal.checks if one.promise == "user"}
    assert {f"biometric at {berth}" for berth in berths} == {place for place in judged if " at " in place}
    assert all("looked at" not in one.seen for one in rehearsal.checks), "an init container was not seen"
    *made, killed = rehearsal.moves
    for moved in made:
        assert moved.requests >= REQUESTS and not moved.failures, moved.move.name
        assert moved.records and not moved.lost
        assert [row.phase.weights[moved.move.to] for row in moved.rows[:5]] == [0, 1, 10, 50, 100]
    assert [moved.move.left for moved in made if len(moved.rows) > 5] == [[one] for one in berths]
    assert 0 < len(killed.failures) <= killed.most_cost and not killed.lost
    assert killed.rows[-1].seen.keys() == {old}
