"""The pack as the Pulumi CLI runs it gives the verdict that ``judge`` gives."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import analyzer_pb2
from pulumi_policy import proxy

from policy.rules.config import CONFIGURABLE
from policy.rules.rule import Level, Rule
from policy.rules.values import UNKNOWN, UNKNOWN_MARKERS, Secret

from .analyzer import LEVELS, PACK, asked, judged, serving, stack_request
from .cases import CASES
from .cases.docker import image
from .cases.ecs import task
from .cases.kubernetes import deployment
from .support import Planned, edited, places


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the directory of a program with a Dockerfile."""
    directory = tmp_path_factory.mktemp("program")
    (directory / "Pulumi.yaml").write_text("name: it\nruntime: python\n")
    (directory / "app").mkdir()
    (directory / "app" / "Dockerfile").write_text("FROM a\nARG UID=0\nUSER $UID\n")
    return directory


@pytest.fixture(scope="module")
def pack(program: Path) -> Iterator[Any]:
    """Serve the pack for all tests of this module."""
    with serving(program) as stub:
        yield stub


def test_the_pack_introduces_every_rule(pack: Any) -> None:
    info = pack.GetAnalyzerInfo(empty_pb2.Empty())
    assert info.name == "berth"
    assert [one.name for one in info.policies] == list(CONFIGURABLE)
    for one in info.policies:
        rule = CONFIGURABLE[one.name]
        assert one.enforcementLevel == LEVELS[rule.level]
        assert one.description == rule.description
        assert one.remediation_steps == rule.remediation
        assert list(one.tags) == list(rule.frameworks)
        assert one.severity == analyzer_pb2.PolicySeverity.Value(f"POLICY_SEVERITY_{rule.severity.name}")
        framework = one.framework
        title = f"{framework.name} {framework.version}".strip()
        assert f"{title}: {framework.reference}" == rule.frameworks[0]
        assert not any(character.isdigit() for character in framework.name)
        assert set(one.configSchema.properties.keys()) == set(rule.config)


@pytest.mark.parametrize("rule", CASES)
def test_one_verdict(pack: Any, program: Path, rule: str) -> None:
    cases = CASES[rule]
    for resource in [*cases.good, *cases.bad, *cases.foreign]:
        assert asked(pack, resource) == judged(resource, program)


@pytest.mark.parametrize("resource", [deployment(), task(), image("FROM a\nARG U=0\nUSER $U", buildArgs={"U": "1"})])
def test_one_verdict_with_each_value_unknown(pack: Any, program: Path, resource: Planned) -> None:
    assert asked(pack, resource) == set()
    for path in places(resource.inputs):
        changed = replace(resource, inputs=edited(resource.inputs, path, UNKNOWN))
        assert asked(pack, changed) == judged(changed, program), path


def test_a_dockerfile_is_found_from_the_programs_directory(pack: Any, program: Path) -> None:
    def built(uid: str) -> Planned:
        return Planned("docker:index/image:Image", {"build": {"context": "app", "args": {"UID": uid}}})

    assert asked(pack, built("10001")) == judged(built("10001"), program) == set()
    (found,) = asked(pack, built("0"))
    assert {found} == judged(built("0"), program)
    assert "app/Dockerfile:3" in found[2]


def test_the_packs_configuration_reaches_its_rule(program: Path) -> None:
    resource = image("FROM example/base:nonroot")
    with serving(program) as pack:
        assert asked(pack, resource)
        properties = struct_pb2.Struct()
        properties.update({"nonRootImages": ["example/base:*"]})
        one = analyzer_pb2.PolicyConfig(enforcementLevel=analyzer_pb2.ADVISORY, properties=properties)
        pack.Configure(analyzer_pb2.ConfigureAnalyzerRequest(policyConfig={"docker-image-non-root": one}))
        assert asked(pack, resource) == set()
        assert {level for _, level, _ in asked(pack, image("FROM b"))} == {"advisory"}


def test_what_is_of_no_rules_business_is_said_to_be_that(pack: Any) -> None:
    def names(answer: Any) -> set[str]:
        return {one.policy_name for one in answer.not_applicable}

    other = Planned("random:index/randomId:RandomId")
    on = {rule.id: rule for rule in CONFIGURABLE.values() if rule.level is not Level.OFF}
    resource_rules = {name for name, rule in on.items() if isinstance(rule, Rule)}
    request = analyzer_pb2.AnalyzeRequest(type=other.type, name=other.name, urn=other.urn)
    assert names(pack.Analyze(request)) == resource_rules
    assert names(pack.AnalyzeStack(stack_request(other))) == on.keys() - resource_rules


def test_a_stack_is_judged_by_inputs(pack: Any) -> None:
    """What the engine shows of a stack are outputs, in which an input that was left out is unknown."""
    group = Planned("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", {}, "by-inputs")
    outputs = {"ingress": UNKNOWN, "egress": UNKNOWN}
    assert pack.AnalyzeStack(stack_request(group, outputs=outputs)).diagnostics
    assert asked(pack, group) == set()
    assert not pack.AnalyzeStack(stack_request(group, outputs=outputs)).diagnostics


def test_no_secret_reaches_a_message(pack: Any, program: Path) -> None:
    resource = replace(task(), inputs=edited(task().inputs, "containerDefinitions[0].user", Secret("root:hunter2")))
    (found,) = asked(pack, resource)
    assert {found} == judged(resource, program)
    assert "is a secret value; write" in found[2]


def test_a_value_of_an_unknown_kind_does_not_end_the_run(pack: Any) -> None:
    properties = struct_pb2.Struct()
    properties.update({"user": {"4dabf18193072939515e22adb298388d": "something new"}})
    answer = pack.Analyze(
        analyzer_pb2.AnalyzeRequest(type="docker:index/container:Container", name="it", urn="u", properties=properties)
    )
    assert [one.policyName for one in answer.diagnostics] == ["docker-non-root"]


def test_the_markers_for_unknown_values_are_the_sdks_own() -> None:
    theirs = {value for name, value in vars(proxy).items() if name.startswith("UNKNOWN_") and name.endswith("_VALUE")}
    assert theirs == UNKNOWN_MARKERS


def test_a_pack_without_its_packages_names_what_is_missing(tmp_path: Path) -> None:
    """A copy of its folder alone finds an environment that was made for something else."""
    shutil.copytree(PACK, tmp_path / "policy")
    (tmp_path / "pulumi_policy.py").write_text(
        "raise ModuleNotFoundError('No module named pulumi_policy', name='pulumi_policy')"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pulumi.policy", "127.0.0.1:1", str(tmp_path / "policy")],
        cwd=tmp_path / "policy",
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    assert "lacks the Python module pulumi_policy" in done.stderr
    assert "Traceback" not in done.stderr
