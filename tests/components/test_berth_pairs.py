"""From any berth to any: others come beside the first one and go again, and all else stays what it is."""

from __future__ import annotations

import pytest

from berth.difference.compare import difference
from berth.plan import MOORING, Plan
from components.berths.registry import BERTHS, MOST_BERTHS
from tests.programs import Record

SHARES = {MOORING, "aws:lb/listener:Listener", "aws:lb/listenerRule:ListenerRule"}
"""Types that hold the shares of the requests."""
NAMES = tuple(BERTHS)
TOGETHER = sorted({NAMES[:MOST_BERTHS], NAMES[-MOST_BERTHS:]})
"""Each berth with as many others as a stack can have."""


@pytest.mark.parametrize("together", TOGETHER, ids="+".join)
def test_a_berth_comes_and_goes_beside_others(
    record: Record, plans: dict[str, Plan], together: tuple[str, ...]
) -> None:
    joint = record(None, f"  berth:berths: {{{', '.join(f'{name}: 20' for name in together)}}}\n")
    for alone in together:
        come = difference(plans[alone], joint).resources
        assert {one.kind for one in come} == {"create", "update"}, "nothing is replaced, and nothing goes"
        assert {one.resource.type for one in come if one.kind == "update"} <= SHARES
        made = {one.resource.urn for one in come if one.kind == "create"}
        go = difference(joint, plans[alone]).resources
        assert {one.kind for one in go} == {"delete", "update"}
        assert {one.resource.urn for one in go if one.kind == "delete"} == made, "what came goes, and no more"
        groups = {one.name for one in joint.of_type("aws:lb/targetGroup:TargetGroup") if one.urn in made}
        assert groups == {f"berth-same-{name}-biometric" for name in together if name != alone}
