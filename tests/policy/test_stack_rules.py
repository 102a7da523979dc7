"""Rules on a resource and what is beside it in its stack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from policy.judge import judge
from policy.rules import registry
from policy.rules.evaluate import evaluate
from policy.rules.rule import (
    Config,
    Finding,
    Level,
    NotApplicable,
    Outcome,
    Resource,
    Severity,
    Stack,
    StackCheck,
    StackRule,
)
from policy.rules.values import UNKNOWN, Field

from .support import Planned


def _resource(
    name: str, parent: str = "", references: Mapping[str, list[str]] | None = None, **inputs: Any
) -> Resource:
    return Resource("a:b:C", name, Field(inputs), (Path(),), name, parent, references or {})


def _rule(check: StackCheck) -> StackRule:
    return StackRule("a-rule", "It.", "Do.", Level.MANDATORY, Severity.LOW, ("F",), "a:b:C".__eq__, check)


def test_descendants_are_children_and_their_children() -> None:
    stack = Stack([_resource("grandchild", "child"), _resource("child", "top"), _resource("top"), _resource("other")])
    assert [one.name for one in stack.descendants(stack.resources[2])] == ["child", "grandchild"]
    assert stack.descendants(stack.resources[3]) == []


def test_what_refers_to_a_resource_is_known_while_its_value_is_not() -> None:
    log = _resource("log", references={"vpcId": ["vpc"]}, vpcId=UNKNOWN)
    stack = Stack([_resource("vpc"), log, _resource("stranger", references={"vpcId": ["elsewhere"]})])
    assert stack.referring(stack.resources[0], "vpcId", "a:b:C") == [log]
    assert stack.referring(stack.resources[0], "subnetId", "a:b:C") == []
    assert stack.referring(stack.resources[0], "vpcId", "a:b:D") == []


def test_without_a_stack_a_resource_stands_alone() -> None:
    def check(resource: Resource, stack: Stack, config: Config) -> Iterator[Finding]:
        assert stack.resources == (resource,)
        return iter(())

    assert evaluate(_rule(check), _resource("it"), {}).outcome is Outcome.COMPLIANT


def test_what_it_cannot_read_or_judge_is_a_finding() -> None:
    def reads(resource: Resource, stack: Stack, config: Config) -> Iterator[Finding]:
        for one in stack.resources:
            one.inputs.at("needed").text()
        return iter(())

    def throws(resource: Resource, stack: Stack, config: Config) -> Iterator[Finding]:
        resource.inputs.at("needed").exists()
        raise RuntimeError("hunter2")

    def has_nothing_to_say(resource: Resource, stack: Stack, config: Config) -> Iterator[Finding]:
        raise NotApplicable

    it, beside = _resource("it", needed="a"), _resource("beside", needed=UNKNOWN)
    (found,) = evaluate(_rule(reads), it, {}, Stack([it, beside])).findings
    assert (found.path, found.found) == ("needed", "not known before `pulumi up`")
    (found,) = evaluate(_rule(throws), it, {}, Stack([it, beside])).findings
    assert found.path == "needed"
    assert "RuntimeError" in found.found
    assert "hunter2" not in str(found)
    assert evaluate(_rule(has_nothing_to_say), it, {}).outcome is Outcome.NOT_APPLICABLE


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Register one rule that tells what it was shown."""

    def check(resource: Resource, stack: Stack, config: Config) -> Iterator[Finding]:
        below = [one.name for one in stack.descendants(resource)]
        referring = [one.name for one in stack.referring(resource, "key", "a:b:C")]
        yield Finding("it", f"above {below} and behind {referring}", "nothing")

    rule = _rule(check)
    monkeypatch.setitem(registry.RULES, rule.id, rule)
    registry.rules_for.cache_clear()
    yield
    registry.rules_for.cache_clear()


@pytest.mark.usefixtures("counting")
def test_judge_shows_a_rule_the_whole_stack() -> None:
    top = Planned("a:b:C", name="top")
    child = Planned("a:b:D", name="child", parent=top.urn)
    user = Planned("a:b:C", name="user", property_dependencies={"key": (top.urn,)})
    messages = [one.message for one in judge([user, child, top])]
    assert messages == [
        "C 'top': it is above ['child'] and behind ['user']; write nothing",
        "C 'user': it is above [] and behind []; write nothing",
    ]
    assert judge([replace(top, type="a:b:D")]) == []
