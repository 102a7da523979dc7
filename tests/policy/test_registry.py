"""The registry is complete, says all about each rule, and costs little."""

from __future__ import annotations

import importlib
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import policy.rules
from policy.judge import judge
from policy.rules.config import CONFIGURABLE
from policy.rules.evaluate import evaluate
from policy.rules.registry import RULES, rules_for
from policy.rules.rule import AnyRule, Config, Finding, Level, Outcome, Resource, Rule, Severity
from policy.rules.values import UNKNOWN, Field

from .cases import CASES
from .cases.ecs import task
from .cases.kubernetes import deployment
from .support import Planned, seconds

ROOT = Path(__file__).parents[2]


def test_every_rule_that_was_written_is_registered() -> None:
    written = set()
    for module in pkgutil.walk_packages(policy.rules.__path__, "policy.rules."):
        if not module.name.endswith(".crossguard"):
            found = vars(importlib.import_module(module.name)).values()
            written |= {one.id for one in found if isinstance(one, AnyRule)}
    assert written == set(CONFIGURABLE)


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_a_rule_says_all_about_itself(rule: Rule) -> None:
    assert re.fullmatch(r"(aws|kubernetes|ecs|docker|machine|pack)-[a-z0-9-]+", rule.id)
    assert rule.description.endswith(".")
    assert rule.remediation.endswith(".")
    assert rule.frameworks
    for schema in rule.config.values():
        assert {"type", "description", "default"} <= schema.keys()


def test_the_houses_promise_is_mandatory() -> None:
    promise = re.compile(r"non-root|run-as|privilege|capabilities$|host-namespaces|opaque")
    soft = {rule.id for rule in RULES.values() if rule.level is not Level.MANDATORY}
    assert {one for one in soft if promise.search(one)} == {
        "ecs-drop-capabilities",
        # Not of a container that the program runs: a build that makes images needs it, and a namespace only permits.
        "aws-codebuild-not-privileged",
        "kubernetes-namespace-not-privileged",
    }


def test_nothing_is_imported_that_the_rules_do_not_need() -> None:
    script = "import policy.judge, sys; print([m for m in sys.modules if m.split('.')[0] in %r])"
    heavy = ("pulumi", "pulumi_policy", "grpc", "google", "yaml", "berth", "pydantic", "helm_python")
    done = subprocess.run(
        [sys.executable, "-c", script % (heavy,)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_the_pack_runs_without_the_project_around_it(tmp_path: Path) -> None:
    path = [str(ROOT / "policy"), *(one for one in sys.path if one not in ("", str(ROOT)))]
    command = [sys.executable, "-c", f"import sys; sys.path[:] = {path!r}; import rules.registry, rules.crossguard"]
    subprocess.run(command, cwd=tmp_path, check=True)


def test_judging_a_thousand_resources_takes_less_than_a_second() -> None:
    resources = [Planned(one.type, one.inputs, str(n)) for n in range(500) for one in (deployment(), task())]
    assert judge(resources) == []
    assert seconds(resources) < 1


def test_the_order_is_always_the_same() -> None:
    resources = [
        Planned(one.type, one.inputs, f"{rule}-{n}") for rule in CASES for n, one in enumerate(CASES[rule].bad)
    ]
    found = judge(resources)
    assert found == judge(reversed(resources))
    assert found == sorted(found, key=lambda one: (one.resource, one.policy, one.message))


def test_a_violation_says_of_its_rule_what_a_report_needs() -> None:
    found = judge([Planned(one.type, one.inputs, rule) for rule in CASES for one in CASES[rule].bad])
    assert len({one.severity for one in found}) == len(Severity)
    for one in found:
        rule = RULES[one.policy]
        assert (one.severity, one.remediation, one.frameworks) == (
            rule.severity.value,
            rule.remediation,
            rule.frameworks,
        )


def test_levels_can_be_changed() -> None:
    bad = Planned("kubernetes:core/v1:Pod", {"spec": {"containers": [{"name": "app"}]}})
    (one,) = [one for one in judge([bad], levels={"kubernetes-seccomp": Level.ADVISORY}) if "seccomp" in one.policy]
    assert one.level == "advisory"
    off = judge([bad], levels={"kubernetes-seccomp": Level.OFF})
    assert "kubernetes-seccomp" not in {one.policy for one in off}


def test_a_rule_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(ValueError, match="kubernetes-typo: no such rule"):
        judge([], levels={"kubernetes-typo": Level.OFF})


def test_a_container_on_the_allow_list_is_not_looked_at() -> None:
    router = Planned(task().type, {"containerDefinitions": [{"name": "log_router", "user": "0"}]})
    config = {"ecs-non-root": {"exemptContainers": ["log_router"]}}
    assert "ecs-non-root" in {one.policy for one in judge([router])}
    assert "ecs-non-root" not in {one.policy for one in judge([router], config=config)}


def test_a_rule_that_throws_is_a_finding_that_names_what_it_read_last() -> None:
    def check(resource: Resource, config: Config) -> list[Finding]:
        resource.inputs.at("spec", "secret").text()
        raise RuntimeError("hunter2")

    rule = Rule("it", "d", "r", Level.MANDATORY, Severity.LOW, ("f",), lambda token: True, check)
    verdict = evaluate(rule, Resource("a:b:C", "it", Field({"spec": {"secret": "hunter2"}})), {})
    assert verdict.outcome is Outcome.NON_COMPLIANT
    assert verdict.findings[0].path == "spec.secret"
    assert "RuntimeError" in verdict.findings[0].found
    assert "hunter2" not in str(verdict)


def test_inputs_unknown_as_a_whole_are_a_finding() -> None:
    rules = rules_for("kubernetes:core/v1:Pod")
    assert rules
    for rule in rules:
        seen = Resource("kubernetes:core/v1:Pod", "it", Field(UNKNOWN))
        assert evaluate(rule, seen, {}).outcome is Outcome.NON_COMPLIANT
