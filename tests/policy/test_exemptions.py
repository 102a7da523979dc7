"""An exemption excuses what it names, says why, ends, and is never silent; what a preview puts off says so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pulumi_policy
import pytest
from google.protobuf import struct_pb2
from pulumi.runtime.proto import analyzer_pb2

from policy.judge import Violation, judge
from policy.rules.config import ConfigError, parse
from policy.rules.crossguard import policies
from policy.rules.values import UNKNOWN

from .analyzer import asked, judged, serving
from .cases import AWS
from .cases.docker import docker
from .cases.ecs import as_json, definition, task
from .cases.kubernetes import deployment
from .support import Planned, edited

TODAY = date(2026, 11, 25)
LAST = TODAY.isoformat()
IMAGE = "example/agent:1"
POD = "spec.template.spec"


def _daemon(path: str = "spec.hostNetwork", value: Any = True, name: str = "agent") -> Planned:
    inputs = edited(deployment().inputs, f"{POD}.{path.removeprefix('spec.')}", value)
    inputs = edited(inputs, f"{POD}.containers[0].image", IMAGE)
    inputs["metadata"] = {"namespace": "kube-system"}
    return Planned("kubernetes:apps/v1:DaemonSet", inputs, name)


def _config(*rules: str, **given: Any) -> dict[str, Any]:
    one = {"rules": list(rules), "reason": "It sets up the node.", "expires": LAST, **given}
    return {"pack-exemptions": {"exemptions": [one]}}


def _judge(resource: Planned, config: dict[str, Any], today: date = TODAY, **more: Any) -> list[Violation]:
    return judge([resource], config=config, today=today, **more)


PRIVILEGED = _daemon("spec.containers[0].securityContext.privileged")
ROOT_TASK = Planned(task().type, {"containerDefinitions": [{**definition(), "image": IMAGE, "user": "0"}]}, "router")
ROOT_DOCKER = Planned(docker().type, {**docker().inputs, "image": IMAGE, "user": "0"}, "agent")
DATABASE = AWS["aws-rds-encrypted"].bad[0]

# A resource, the rule that it breaks, and selectors that fit and that do not.
SELECTED: list[tuple[Planned, str, list[dict[str, str]], list[dict[str, str]]]] = [
    (
        _daemon(),
        "kubernetes-no-host-namespaces",
        [
            {"resource": _daemon().urn},
            {"resource": "kubernetes:apps/v1:DaemonSet::agent"},
            {"namespace": "kube-system"},
            {"namespace": "kube-system", "resource": "kubernetes:apps/v1:DaemonSet::agent"},
        ],
        [
            {"resource": "agent"},
            {"resource": "kubernetes:apps/v1:DaemonSet::agent2"},
            {"namespace": "kube"},
            {"namespace": "default", "resource": _daemon().urn},
            # The whole pod is not a container.
            {"container": "app"},
            {"image": "*"},
        ],
    ),
    (
        PRIVILEGED,
        "kubernetes-not-privileged",
        [{"container": "app"}, {"image": IMAGE}, {"image": "example/*"}, {"image": "example/*", "container": "app"}],
        [{"container": "ap"}, {"container": "*"}, {"image": "example/other:*"}, {"image": "example"}],
    ),
    (ROOT_TASK, "ecs-non-root", [{"image": IMAGE}, {"container": "app"}], [{"image": "x"}, {"namespace": "default"}]),
    (as_json(ROOT_TASK), "ecs-non-root", [{"image": IMAGE}], [{"image": "x"}]),
    (ROOT_DOCKER, "docker-non-root", [{"image": IMAGE}, {"resource": ROOT_DOCKER.urn}], [{"image": "x"}]),
    (DATABASE, "aws-rds-encrypted", [{"resource": DATABASE.urn}], [{"image": "*"}]),
]
CASES = [(*one[:2], fits, True) for one in SELECTED for fits in one[2]]
CASES += [(*one[:2], other, False) for one in SELECTED for other in one[3]]


@pytest.mark.parametrize(("resource", "rule", "selectors", "fits"), CASES, ids=[f"{r}-{s}" for _, r, s, _ in CASES])
def test_what_an_exemption_names_is_excused_and_listed(
    resource: Planned, rule: str, selectors: dict[str, str], fits: bool
) -> None:
    def about(found: list[Violation]) -> set[str]:
        return {one.policy for one in found}

    config = _config(rule, **selectors)
    assert parse(config).settings == config
    assert rule in about(_judge(resource, {}))
    found = _judge(resource, config)
    assert about(found) - {"pack-exemptions"} == about(_judge(resource, {})) - ({rule} if fits else set())
    (listed,) = [one for one in found if one.policy == "pack-exemptions"]
    assert listed.level == "advisory"
    assert "It sets up the node." in listed.message
    if fits:
        assert listed.resource == resource.urn
        assert f"'{resource.name}' breaks {rule} and is exempt until {LAST}" in listed.message
    else:
        assert listed.resource == ""
        assert "matches nothing that a rule found" in listed.message
        assert str(next(iter(selectors.values()))) in listed.message


def test_an_exemption_ends() -> None:
    config = _config("kubernetes-no-host-namespaces", namespace="kube-system")
    for today in (TODAY + timedelta(days=1), date.max):
        found = _judge(_daemon(), config, today)
        assert [one.policy for one in found] == ["pack-exemptions", "kubernetes-no-host-namespaces"]
        assert f"ended on {LAST}" in found[0].message
    # Who does not say which day it is has no exemption.
    assert "kubernetes-no-host-namespaces" in {one.policy for one in judge([_daemon()], config=config)}


def test_what_cannot_be_told_is_not_excused() -> None:
    for path, selectors in (("metadata.namespace", {"namespace": "kube-system"}), ("metadata", {"namespace": "a"})):
        unknown = replace(PRIVILEGED, inputs=edited(PRIVILEGED.inputs, path, UNKNOWN))
        found = _judge(unknown, _config("kubernetes-*", **selectors))
        assert "kubernetes-not-privileged" in {one.policy for one in found}, path
    unknown = replace(PRIVILEGED, inputs=edited(PRIVILEGED.inputs, f"{POD}.containers[0].image", UNKNOWN))
    assert "kubernetes-not-privileged" in {one.policy for one in _judge(unknown, _config("kubernetes-*", image="*"))}


def test_one_exemption_does_not_excuse_the_neighbour() -> None:
    config = _config("kubernetes-no-host-namespaces", resource=_daemon().urn)
    found = judge([_daemon(), _daemon(name="other")], config=config, today=TODAY)
    assert {(one.policy, one.resource) for one in found} == {
        ("pack-exemptions", _daemon().urn),
        ("kubernetes-no-host-namespaces", _daemon(name="other").urn),
    }


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"reason": " "}, "reason must be a text"),
    ({"reason": None}, "reason must be a text"),
    ({"expires": "soon"}, "expires must be a text that matches"),
    ({"expires": "2026-13-01"}, "expires must be a day such as"),
    ({"resource": ""}, "resource must be a text"),
    ({"container": 1}, "container must be a text"),
    ({"rules": []}, "rules must name at least one rule"),
    ({"rules": ["ecs-nonroot"]}, "no such rule: ecs-nonroot"),
    ({"rules": "ecs-non-root"}, "rules must be a list"),
    ({"containers": "a"}, "has no such key: containers"),
]


@pytest.mark.parametrize(("wrong", "words"), WRONG, ids=[words for _, words in WRONG])
def test_an_exemption_that_does_not_say_all_is_an_error(wrong: dict[str, Any], words: str) -> None:
    config = _config("ecs-non-root", **{"container": "app", **wrong})
    with pytest.raises(ConfigError, match="pack-exemptions") as error:
        judge([], config=config)
    assert words in str(error.value)


def test_an_exemption_names_what_it_excuses() -> None:
    for missing in ("rules", "reason", "expires"):
        config = _config("ecs-non-root", container="app")
        del config["pack-exemptions"]["exemptions"][0][missing]
        with pytest.raises(ConfigError, match=f"has no {missing}"):
            parse(config)
    # Of everything is what a rule's level is for.
    with pytest.raises(ConfigError, match="must say of what: resource, namespace, image, container"):
        parse(_config("ecs-non-root"))


def test_a_useless_exemption_stops_a_deployment_where_someone_wants_it() -> None:
    config = _config("ecs-non-root", container="app")
    config["pack-exemptions"]["enforcementLevel"] = "mandatory"
    parsed = parse(config)
    for resource, level in ((ROOT_TASK, "advisory"), (task(), "mandatory")):
        found = judge([resource], config=parsed.settings, levels=parsed.levels, today=TODAY)
        assert [one.level for one in found if one.policy == "pack-exemptions"] == [level]


# --- unknown at preview ---

PUT_OFF = {"pack-exemptions": {"unknownAtPreview": "advisory"}}
CANONICAL = Planned(task().type, task().inputs | {"containerDefinitions": UNKNOWN})


def test_a_preview_may_leave_what_is_unknown_to_the_engines_check() -> None:
    mandatory = {one.policy for one in _judge(CANONICAL, {}, preview=True) if one.level == "mandatory"}
    assert "ecs-non-root" in mandatory
    found = _judge(CANONICAL, PUT_OFF, preview=True)
    assert {one.level for one in found} == {"advisory"}
    assert all("by unknownAtPreview of pack-exemptions" in one.message for one in found if one.policy in mandatory)


def test_elsewhere_nothing_is_left_to_a_later_check() -> None:
    assert "mandatory" in {one.level for one in _judge(CANONICAL, PUT_OFF)}, "the check itself"
    # Root that is seen is root, whatever else is unknown.
    unknown = edited(ROOT_TASK.inputs, "containerDefinitions[0].privileged", UNKNOWN)
    levels = {one.policy: one.level for one in _judge(replace(ROOT_TASK, inputs=unknown), PUT_OFF, preview=True)}
    assert levels["ecs-non-root"] == "mandatory"
    assert levels["ecs-not-privileged"] == "advisory"
    # A rule on the whole stack is asked when it is there.
    good = AWS["aws-iam-no-administrator"].good[0]
    attachment = replace(good, inputs=edited(good.inputs, "policyArn", UNKNOWN))
    assert {one.level for one in _judge(attachment, PUT_OFF, preview=True)} == {"mandatory"}


# --- one malformed input ---


@pytest.mark.parametrize(
    ("resource", "path"),
    [(task(), "containerDefinitions"), (deployment(), f"{POD}.containers"), (deployment(), "spec.template")],
    ids=["task", "containers", "template"],
)
def test_one_malformed_input_is_one_mandatory_finding_that_names_all_rules(resource: Planned, path: str) -> None:
    found = _judge(replace(resource, inputs=edited(resource.inputs, path, "nonsense")), {})
    assert len(found) == 1
    assert found[0].level == "mandatory"
    assert found[0].message.count("cannot read it either") == 1
    assert len(found[0].message.split(", ")) > 5


# --- over the CLI's protocol ---


@pytest.fixture
def pack(tmp_path: Path) -> Iterator[Any]:
    """Serve the pack."""
    with serving(tmp_path) as stub:
        yield stub


def _configure(pack: Any, config: dict[str, Any], *, preview: bool = False) -> None:
    properties = struct_pb2.Struct()
    properties.update(config["pack-exemptions"])
    one = analyzer_pb2.PolicyConfig(enforcementLevel=analyzer_pb2.ADVISORY, properties=properties)
    pack.ConfigureStack(analyzer_pb2.AnalyzerStackConfigureRequest(stack="dev", project="it", dry_run=preview))
    pack.Configure(analyzer_pb2.ConfigureAnalyzerRequest(policyConfig={"pack-exemptions": one}))


def test_the_cli_lists_and_ends_them_too(pack: Any, tmp_path: Path) -> None:
    today = datetime.now(UTC).date()
    for day, count in ((today, 1), (today - timedelta(days=1), 2)):
        config = _config("kubernetes-no-host-namespaces", namespace="kube-system", expires=day.isoformat())
        _configure(pack, config)
        request = analyzer_pb2.AnalyzeStackRequest()
        found = asked(pack, _daemon())
        assert found == judged(_daemon(), tmp_path, config=config, today=today)
        stale = [one for one in pack.AnalyzeStack(request).diagnostics if one.policyName == "pack-exemptions"]
        assert len(found) + len(stale) == count
        assert [f"ended on {day}" in one.message for one in stale] == [True] * (count - 1)
    with pytest.raises(Exception, match="has no reason"):
        _configure(pack, {"pack-exemptions": {"exemptions": [{"rules": ["ecs-*"]}]}})


@pytest.mark.parametrize("preview", [True, False])
def test_the_cli_says_whether_it_is_a_preview(pack: Any, tmp_path: Path, preview: bool) -> None:
    _configure(pack, PUT_OFF, preview=preview)
    found = asked(pack, CANONICAL)
    assert found == judged(CANONICAL, tmp_path, config=PUT_OFF, preview=preview)
    assert ("mandatory" in {level for _, level, _ in found}) is not preview


def test_a_pack_of_ones_own_may_hold_the_rules() -> None:
    """Without what only this pack's own server does."""
    (policy,) = [one for one in policies() if one.name == "ecs-non-root"]
    said: list[str] = []
    nothing: Any = None
    args = pulumi_policy.ResourceValidationArgs(
        ROOT_TASK.type, ROOT_TASK.inputs, ROOT_TASK.urn, "router", nothing, None, {}
    )
    policy.validate(args, lambda text, urn=None: said.append(text))  # type: ignore[attr-defined]
    assert len(said) == 1
    assert 'user is "0"' in said[0]
