"""From any berth to any other, for real and under load: no request is lost."""

from __future__ import annotations

import shutil
from dataclasses import replace
from itertools import permutations

import pytest

from berth.plan import Plan, Resource
from berth.record import record_plan
from berth.rehearse import Move, Options
from components.berths.registry import BERTHS, MOST_BERTHS

from .running import ROOT, SCRATCH, rehearse

pytestmark = [
    pytest.mark.podman,
    pytest.mark.skipif(shutil.which("podman") is None, reason="podman is not installed"),
    pytest.mark.skipif(shutil.which("haproxy", path="/usr/sbin:/usr/bin") is None, reason="haproxy is not installed"),
    pytest.mark.usefixtures("nothing_is_left"),
]
REQUESTS = 5000


def at_every_berth() -> Plan:
    """Return the sample at all berths; of several Plans, since one load balancer takes five."""
    names = list(BERTHS)
    found: dict[str, Resource] = {}
    for first in range(0, len(names), MOST_BERTHS):
        weights = dict.fromkeys(names[first : first + MOST_BERTHS], 0) | {names[first]: 100}
        plan = record_plan("dev", ROOT, {"berth:backend": None, "berth:berths": weights})
        found |= {one.urn: one for one in plan.resources}
    return replace(plan, stack=SCRATCH, resources=list(found.values()))


def test_from_any_berth_to_any_other_no_request_is_lost() -> None:
    plan = at_every_berth()
    pairs = list(permutations([one.berth for one in plan.moorings], 2))
    moves = [Move({old: 100}, new, requests=REQUESTS) for old, new in pairs]
    rehearsal, _ = rehearse(plan, options=Options(moves=moves))
    assert rehearsal.ok
    for moved in rehearsal.moves:
        assert moved.requests >= REQUESTS and not moved.failures, moved.move.name
        assert moved.records and not moved.lost
        assert [row.phase.weights[moved.move.to] for row in moved.rows] == [0, 1, 10, 50, 100, 100]
