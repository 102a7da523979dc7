"""Each rule's verdict on its compliant, non-compliant and foreign cases."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from policy.rules.evaluate import evaluate
from policy.rules.registry import RULES
from policy.rules.rule import Outcome, Resource, Stack
from policy.rules.values import UNKNOWN, Field

from .cases import CASES
from .support import Planned, edited, places, violations


def _table(kind: str) -> list[object]:
    return [
        pytest.param(rule, resource, id=f"{rule}-{index}")
        for rule, cases in CASES.items()
        for index, resource in enumerate(getattr(cases, kind))
    ]


def _outcome(rule: str, resource: Planned) -> Outcome:
    stack = Stack(
        Resource(one.type, one.name, Field(one.inputs), (Path(),), one.urn, one.parent or "", one.property_dependencies)
        for one in (resource, *resource.beside)
    )
    return evaluate(RULES[rule], stack.resources[0], CASES[rule].config, stack).outcome


@pytest.mark.parametrize(("rule", "resource"), _table("good"))
def test_a_promise_kept_is_compliant(rule: str, resource: Planned) -> None:
    assert violations(rule, resource, **CASES[rule].config) == []
    assert _outcome(rule, resource) is Outcome.COMPLIANT


@pytest.mark.parametrize(("rule", "resource"), _table("bad"))
def test_a_promise_broken_is_a_violation_that_names_the_place(rule: str, resource: Planned) -> None:
    found = violations(rule, resource, **CASES[rule].config)
    assert _outcome(rule, resource) is Outcome.NON_COMPLIANT
    assert {one.policy for one in found} == {rule}
    for one in found:
        assert f"'{resource.name}'" in one.message
        assert " is " in one.message
        assert "; write " in one.message
        assert "could not judge" not in one.message, "a rule threw where it should have seen what is wrong"
        assert "hunter2" not in one.message


@pytest.mark.parametrize(("rule", "resource"), _table("foreign"))
def test_what_is_none_of_a_rules_business_is_not_applicable(rule: str, resource: Planned) -> None:
    assert violations(rule, resource, **CASES[rule].config) == []
    assert _outcome(rule, resource) is Outcome.NOT_APPLICABLE


def test_every_rule_has_cases_of_every_kind() -> None:
    assert CASES.keys() == RULES.keys()
    for rule, cases in CASES.items():
        assert cases.good or rule == "kubernetes-nothing-opaque", rule
        assert cases.bad, rule
        assert cases.foreign, rule


@pytest.mark.parametrize(("rule", "resource"), _table("bad"))
def test_no_unknown_turns_a_breach_into_a_pass(rule: str, resource: Planned) -> None:
    for path in places(resource.inputs):
        changed = replace(resource, inputs=edited(resource.inputs, path, UNKNOWN))
        assert violations(rule, changed, **CASES[rule].config), f"passed with {path} unknown"
