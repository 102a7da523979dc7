"""Any pod gets upstream's verdict, check by check: hypothesis looks for one that does not.

``BERTH_ORACLE_EXAMPLES`` says how many pods are tried; the default is what fits into every run.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from . import pack
from .pack import KINDS, PROFILES, RULES_OF, Pod
from .pods import VERSIONS, pods
from .upstream import Oracle, Question

pytestmark = pytest.mark.oracle

EXAMPLES = int(os.environ.get("BERTH_ORACLE_EXAMPLES", "300"))
SEEN: Counter[str] = Counter()
"""How often upstream gave each reason, or none."""


def _on_the_wire(value: Any) -> Any:
    """Write numbers as the engine's protocol does, which knows one kind of them."""
    if isinstance(value, dict):
        return {key: _on_the_wire(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_on_the_wire(member) for member in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


# The same pods on every run: what a change breaks is found by that change's run.
@settings(
    derandomize=True,
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(
    pod=pods(),
    versions=st.lists(VERSIONS, min_size=1, max_size=4, unique=True),
    kind=st.sampled_from(sorted(KINDS)),
    on_the_wire=st.booleans(),
)
def test_a_generated_pod_gets_upstreams_verdict(
    oracle: Oracle, pod: Pod, versions: list[str], kind: str, on_the_wire: bool
) -> None:
    questions = [Question(level, version, pod) for version in versions for level in PROFILES]
    shown = pack.planned(kind, _on_the_wire(pod) if on_the_wire else pod)
    for question, answer in zip(questions, oracle.ask_all(questions), strict=True):
        SEEN.update(answer.reasons or [f"allowed by {question.level}"])
        note(f"{question.level} {question.version}: {answer}")
        wanted = pack.expected(answer.reasons, question.level)
        assert pack.broken(shown, question.level, question.version) == wanted


def test_the_generated_pods_meet_every_check() -> None:
    """Runs after the test above, and asks whether that was one: pods that all pass, or all fail, prove nothing."""
    if not SEEN:
        pytest.skip("no pods were generated: this looks at what the test before it did")
    print("How often upstream said what:", dict(SEEN.most_common()))
    unseen = {reason for reason in RULES_OF if not SEEN[reason]}
    # Few pods cannot meet every rare check.
    assert unseen == set() if EXAMPLES >= 2000 else len(unseen) <= 4
    for level in PROFILES:
        assert SEEN[f"allowed by {level}"] * 20 > EXAMPLES
