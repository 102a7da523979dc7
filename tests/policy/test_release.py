"""A Helm release is judged by what it installs, or not passed at all."""

from __future__ import annotations

import builtins
import shutil
from pathlib import Path
from typing import Any

import pytest

from policy.judge import judge
from policy.rules.registry import RULES
from policy.rules.rule import Resource, Rule
from policy.rules.values import UNKNOWN, Field, Secret

from .cases.kubernetes import CHART, RELEASE
from .support import Planned, violations

OPAQUE = "kubernetes-nothing-opaque"


@pytest.fixture
def chart(tmp_path: Path) -> Path:
    """Give a copy of the chart to change."""
    return Path(shutil.copytree(CHART, tmp_path / "chart"))


def _release(chart: Path | str = CHART, **inputs: Any) -> Planned:
    return Planned(RELEASE, {"chart": str(chart), **inputs})


def _found(resource: Planned, root: Path | None = None) -> list[tuple[str, str]]:
    return [(one.policy, one.message) for one in judge([resource], root=root)]


def test_a_chart_that_keeps_every_promise_passes() -> None:
    assert _found(_release()) == []


def test_the_releases_values_decide_and_the_message_names_release_and_object() -> None:
    assert _found(_release(values={"uid": 0, "name": "shop", "upgradeUid": 1})) == [
        (
            "kubernetes-run-as-user",
            "Release 'it': Deployment/shop.spec.template.spec.securityContext.runAsUser is 0; "
            "write a uid other than 0, such as 10001",
        )
    ]


def test_what_only_an_upgrade_installs_is_judged_as_well() -> None:
    (found,) = _found(_release(values={"upgradeUid": 0.0}))
    assert found[0] == "kubernetes-run-as-user"


def test_hooks_and_lists_are_judged_as_well() -> None:
    found = _found(_release(values={"hook": True}))
    assert "kubernetes-run-as-non-root" in {rule for rule, _ in found}
    assert all(
        "Release 'it', container 'hook': Job/hook.spec.template.spec." in text for _, text in found if "non-root" in _
    )


def test_a_relative_chart_lies_in_the_programs_directory(chart: Path) -> None:
    release = _release("./chart", values={"uid": 0})
    assert {rule for rule, _ in _found(release, root=chart.parent)} == {"kubernetes-run-as-user"}
    assert {rule for rule, _ in _found(release, root=CHART)} == {OPAQUE}


@pytest.mark.parametrize("inputs", [{"values": {"uid": UNKNOWN}}, {"values": UNKNOWN}, {"name": UNKNOWN}])
def test_an_unknown_value_is_a_finding_that_names_it(inputs: dict[str, Any]) -> None:
    ((rule, text),) = _found(_release(**inputs))
    path = "values.uid" if isinstance(inputs.get("values"), dict) else next(iter(inputs))
    assert (rule, text) == (
        OPAQUE,
        f"Release 'it': {path} is not known before `pulumi up`; write a value that is known at preview",
    )


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"repositoryOpts": {"repo": "https://charts.example.com"}}, "chart is a chart of a repository"),
        ({"postrender": "./rewrite"}, "postrender is a command"),
        ({"valueYamlFiles": [{"asset": {"path": "values.yaml"}}]}, "valueYamlFiles is files of values"),
        ({"reuseValues": True}, "reuseValues is the values of an earlier release"),
        ({"values": {"uid": {"asset": {"path": "uid.txt"}}}}, "values is values with files"),
        ({"values": {"uid": "{{"}, "chart": "oci://registry.example.com/small"}, "which is no local chart"),
    ],
)
def test_what_installs_something_else_than_can_be_seen_is_a_finding(inputs: dict[str, Any], words: str) -> None:
    ((rule, text),) = _found(_release(**inputs))
    assert rule == OPAQUE
    assert words in text


def test_what_says_nothing_hides_nothing() -> None:
    nothing: dict[str, Any] = {"repositoryOpts": {}, "postrender": "", "valueYamlFiles": [], "reuseValues": False}
    assert _found(_release(**nothing)) == []


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("templates/broken.yaml", "{{ fail .Values.name }}", "cannot be rendered (HelmRenderError)"),
        ("templates/broken.yaml", "a: [", "cannot be rendered (ParserError)"),
        ("templates/broken.yaml", "just words", "renders something that is no object"),
        (
            "Chart.yaml",
            "apiVersion: v2\nname: small\nversion: 0.1.0\n"
            "dependencies: [{name: db, version: 1.0.0, repository: 'https://charts.example.com'}]\n",
            "a chart without its parts db",
        ),
    ],
)
def test_a_chart_that_cannot_be_rendered_is_a_finding(chart: Path, file: str, text: str, words: str) -> None:
    (chart / file).write_text(text)
    ((rule, message),) = _found(_release(chart, values={"name": "hunter2"}))
    assert rule == OPAQUE
    assert words in message
    assert "hunter2" not in message


def test_without_helm_no_release_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without_helm(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "helm_python":
            raise ImportError
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without_helm)
    ((rule, message),) = _found(_release())
    assert rule == OPAQUE
    assert "helm-python-sdk is not installed" in message


def test_no_secret_among_the_values_reaches_a_message() -> None:
    found = _found(_release(values={"uid": Secret(0), "name": "hunter2"}))
    assert [rule for rule, _ in found] == ["kubernetes-run-as-user"]
    assert "Deployment[0].spec" in found[0][1]
    assert "is a secret value" in found[0][1]
    assert "hunter2" not in found[0][1]


def test_what_was_reviewed_is_passed_but_judged_where_it_can_be_seen() -> None:
    assert violations(OPAQUE, _release("missing"), reviewed=["it"]) == []
    assert violations(OPAQUE, _release("missing"), reviewed=["other"])
    config = {OPAQUE: {"reviewed": ["it"]}}
    assert [one.policy for one in judge([_release(values={"uid": 0})], config=config)] == ["kubernetes-run-as-user"]


def test_every_chart_that_may_be_meant_is_judged(chart: Path) -> None:
    worse = Path(shutil.copytree(chart, chart.parent / "worse" / "chart"))
    (worse / "values.yaml").write_text("uid: 0\nname: web\nhook: false\nupgradeUid: 10001\n")

    rule = RULES["kubernetes-run-as-user"]
    assert isinstance(rule, Rule)

    def found(*roots: Path) -> int:
        return len(list(rule.check(Resource(RELEASE, "it", Field({"chart": "chart"}), roots), {})))

    assert found(chart.parent) == 0
    assert found(chart.parent, worse.parent) == 1
    assert found(worse.parent, chart.parent) == 1
