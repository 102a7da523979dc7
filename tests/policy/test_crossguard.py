"""The pack as the Pulumi CLI runs it gives the verdict that ``judge`` gives.

The real process is started as the CLI's Python runtime starts it and asked over the analyzer protocol.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import grpc  # type: ignore[import-untyped]
import pytest
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc
from pulumi_policy import proxy

from policy.judge import judge
from policy.rules.model import Level
from policy.rules.registry import RULES
from policy.rules.values import UNKNOWN, UNKNOWN_MARKERS, Secret

from .cases import CASES, deployment, image, task
from .support import Planned, edited, places

PACK = Path(__file__).parents[2] / "policy"
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}
LEVELS = {
    Level.MANDATORY: analyzer_pb2.MANDATORY,
    Level.ADVISORY: analyzer_pb2.ADVISORY,
    Level.OFF: analyzer_pb2.DISABLED,
}


@contextmanager
def serving(program: Path) -> Iterator[Any]:
    """Start the pack as the CLI does and connect to it."""
    environment = os.environ | {
        "PULUMI_PROJECT": "it",
        "PULUMI_STACK": "dev",
        "PULUMI_DRY_RUN": "true",
        "PWD": str(program),
    }
    environment.pop("PYTHONPATH", None)
    command = [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:1", str(PACK)]
    with subprocess.Popen(command, cwd=PACK, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            port = process.stdout.readline().strip()
            assert port.isdecimal(), "the pack did not start to serve"
            with closing(grpc.insecure_channel(f"127.0.0.1:{port}")) as channel:
                yield analyzer_pb2_grpc.AnalyzerStub(channel)
        finally:
            process.kill()


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


def _on_the_wire(value: Any) -> Any:
    if value is UNKNOWN:
        return proxy.UNKNOWN_STRING_VALUE
    if isinstance(value, Secret):
        return SECRET | {"value": _on_the_wire(value.value)}
    if isinstance(value, dict):
        return {key: _on_the_wire(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_on_the_wire(member) for member in value]
    return value


def _asked(pack: Any, resource: Planned) -> set[tuple[str, str, str]]:
    properties = struct_pb2.Struct()
    properties.update(_on_the_wire(resource.inputs))
    request = analyzer_pb2.AnalyzeRequest(
        type=resource.type, name=resource.name, urn=resource.urn, properties=properties
    )
    found = set()
    for one in pack.Analyze(request).diagnostics:
        description, _, text = one.message.partition("\n")
        assert description == RULES[one.policyName].description
        assert one.urn == resource.urn
        level = next(level for level, code in LEVELS.items() if code == one.enforcementLevel)
        found.add((one.policyName, level.value, text))
    return found


def _judged(resource: Planned, root: Path) -> set[tuple[str, str, str]]:
    return {(one.policy, one.level, one.message) for one in judge([resource], root=root)}


def test_the_pack_introduces_every_rule(pack: Any) -> None:
    info = pack.GetAnalyzerInfo(empty_pb2.Empty())
    assert info.name == "berth"
    assert [one.name for one in info.policies] == list(RULES)
    for one in info.policies:
        rule = RULES[one.name]
        assert one.enforcementLevel == LEVELS[rule.level]
        assert one.description == rule.description
        assert one.remediation_steps == rule.remediation
        assert list(one.tags) == list(rule.frameworks)
        assert set(one.configSchema.properties.keys()) == set(rule.config)


@pytest.mark.parametrize("rule", CASES)
def test_one_verdict(pack: Any, program: Path, rule: str) -> None:
    cases = CASES[rule]
    for resource in [*cases.good, *cases.bad, *cases.foreign]:
        assert _asked(pack, resource) == _judged(resource, program)


@pytest.mark.parametrize("resource", [deployment(), task(), image("FROM a\nARG U=0\nUSER $U", buildArgs={"U": "1"})])
def test_one_verdict_with_each_value_unknown(pack: Any, program: Path, resource: Planned) -> None:
    assert _asked(pack, resource) == set()
    for path in places(resource.inputs):
        changed = Planned(resource.type, edited(resource.inputs, path, UNKNOWN))
        assert _asked(pack, changed) == _judged(changed, program), path


def test_a_dockerfile_is_found_from_the_programs_directory(pack: Any, program: Path) -> None:
    def built(uid: str) -> Planned:
        return Planned("docker:index/image:Image", {"build": {"context": "app", "args": {"UID": uid}}})

    assert _asked(pack, built("10001")) == _judged(built("10001"), program) == set()
    (found,) = _asked(pack, built("0"))
    assert {found} == _judged(built("0"), program)
    assert "app/Dockerfile:3" in found[2]


def test_the_packs_configuration_reaches_its_rule(program: Path) -> None:
    resource = image("FROM example/base:nonroot")
    with serving(program) as pack:
        assert _asked(pack, resource)
        properties = struct_pb2.Struct()
        properties.update({"nonRootImages": ["example/base:*"]})
        one = analyzer_pb2.PolicyConfig(enforcementLevel=analyzer_pb2.ADVISORY, properties=properties)
        pack.Configure(analyzer_pb2.ConfigureAnalyzerRequest(policyConfig={"docker-image-non-root": one}))
        assert _asked(pack, resource) == set()
        assert {level for _, level, _ in _asked(pack, image("FROM b"))} == {"advisory"}


def test_a_resource_of_no_rules_business_is_said_to_be_that(pack: Any) -> None:
    request = analyzer_pb2.AnalyzeRequest(type="aws:s3/bucket:Bucket", name="it", urn="urn:it")
    answer = pack.Analyze(request)
    assert {one.policy_name for one in answer.not_applicable} == {
        rule.id for rule in RULES.values() if rule.level is not Level.OFF
    }


def test_the_markers_for_unknown_values_are_the_sdks_own() -> None:
    theirs = {value for name, value in vars(proxy).items() if name.startswith("UNKNOWN_") and name.endswith("_VALUE")}
    assert theirs == UNKNOWN_MARKERS
