"""A value that is known only after creation stops a preview exactly where a mandatory rule reads it.

One program declares hundreds of resources, each with one unknown value, an output of a resource that is not there yet.
It is previewed once by the real engine with the pack on, and once by `berth preview`, which needs no engine.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from berth.judgement import judge_plan
from berth.record import record_plan

from ..policy.test_unknowns import ELSEWHERE, NEEDED
from . import unknown_cases
from .cli import Checkout, Run
from .standin.__main__ import PACKAGES
from .unknown_cases import STACK, Case

# By the resource's type and name: the mandatory rules that it breaks, with what they say.
Found = dict[tuple[str, str], dict[str, list[str]]]

TABLE = unknown_cases.cases()
# The engine asks a provider about every resource, so it needs one that stands in for it.
ON_THE_ENGINE = [case for case in TABLE if case.resource.type.split(":")[0] in PACKAGES]


def _broken(violations: list[tuple[str, str, str, str]]) -> Found:
    """Sort findings (URN, rule, level, message) by resource; only mandatory ones stop a deployment."""
    found: Found = defaultdict(lambda: defaultdict(list))
    for urn, rule, level, message in violations:
        token, name = urn.split("::")[2:]
        if level == "mandatory":
            found[token, name][rule].append(message)
    return found


def _wrong(table: list[Case], found: Found) -> list[str]:
    """Say which verdicts differ from the table."""
    wrong = []
    for case in table:
        rules = found.get((case.resource.type, case.name), {})
        broken = case.judges & rules.keys()
        if broken != case.rules:
            wrong.append(f"{case.resource.type} {case.path}: broken {sorted(broken)}, expected {sorted(case.rules)}")
        messages = [message for rule in broken for message in rules[rule]]
        wrong += [f"{case.path}: {one}" for one in messages if "not known before `pulumi up`" not in one]
    return wrong


def test_the_table_has_what_was_written_down_by_hand() -> None:
    """Places that were found by watching, against places that someone thought of: neither may be the poorer one."""
    needed = {(case.resource.type, case.path) for case in TABLE if case.rules}
    free = {(case.resource.type, case.path) for case in TABLE if not case.rules}
    image = "docker-build:index:Image"
    assert {(one.type, path) for one, path, _ in NEEDED if one.type != image} <= needed
    # Excuses, such as a pod's operating system, are in no good resource: they have nothing to excuse.
    written = {(one.type, path) for one, path in ELSEWHERE if one.type != image}
    assert written & needed == set()
    assert len(written & free) > 10
    assert len(needed) > 200


def test_berth_preview_stops_where_a_rule_needs_what_is_unknown(tmp_path: Path) -> None:
    unknown_cases.write_program(tmp_path, TABLE)
    plan = record_plan(STACK, tmp_path)
    assert len(plan.resources) == len(TABLE) + 1
    found = judge_plan(plan, tmp_path).violations
    assert _wrong(TABLE, _broken([(one.resource, one.policy, one.level, one.message) for one in found])) == []


@pytest.fixture(scope="module")
def preview(providers: str, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Preview the program once, in the place of the project's own."""
    checkout = Checkout(tmp_path_factory.mktemp("unknowns"), providers)
    unknown_cases.write_program(checkout.root, ON_THE_ENGINE)
    checkout.pulumi("stack", "init", STACK)
    return checkout.preview()


@pytest.mark.engine
def test_pulumi_preview_stops_where_a_rule_needs_what_is_unknown(preview: Run) -> None:
    assert preview.code != 0, "the preview went through"
    assert len(preview.inputs) >= len(ON_THE_ENGINE), preview.output
    found = [(one.resource, one.rule, one.level, one.message) for one in preview.verdicts]
    assert _wrong(ON_THE_ENGINE, _broken(found)) == []


@pytest.mark.engine
def test_pulumi_preview_puts_no_rule_off_until_up(preview: Run) -> None:
    # What the SDK says of a rule that reads an unknown value unawares; the preview would pass with that.
    assert [one for one in preview.verdicts if "can't be known during preview" in one.message] == []
