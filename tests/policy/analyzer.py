"""The pack as the Pulumi CLI runs it: the real process, asked over the analyzer protocol."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import grpc  # type: ignore[import-untyped]
from google.protobuf import struct_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc
from pulumi_policy import proxy

from policy.judge import judge
from policy.rules.config import CONFIGURABLE
from policy.rules.rule import Level
from policy.rules.values import UNKNOWN, Secret

from .support import Planned

PACK = Path(__file__).parents[2] / "policy"
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}
LEVELS = {
    Level.MANDATORY: analyzer_pb2.MANDATORY,
    Level.ADVISORY: analyzer_pb2.ADVISORY,
    Level.OFF: analyzer_pb2.DISABLED,
}
Found = set[tuple[str, str, str]]
"""Of each violation: rule, level and message."""


@contextmanager
def serving(program: Path, project: str = "it", pack: Path = PACK) -> Iterator[Any]:
    """Start the pack as the CLI does, with a shell that stands in ``program``, and connect to it."""
    environment = os.environ | {
        "PULUMI_PROJECT": project,
        "PULUMI_STACK": "dev",
        "PULUMI_DRY_RUN": "true",
        "PWD": str(program),
    }
    environment.pop("PYTHONPATH", None)
    command = [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:1", str(pack)]
    with subprocess.Popen(command, cwd=pack, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            port = process.stdout.readline().strip()
            assert port.isdecimal(), "the pack did not start to serve"
            with closing(grpc.insecure_channel(f"127.0.0.1:{port}")) as channel:
                yield analyzer_pb2_grpc.AnalyzerStub(channel)
        finally:
            process.kill()


def on_the_wire(value: Any) -> Any:
    """Write a value as the engine does."""
    if value is UNKNOWN:
        return proxy.UNKNOWN_STRING_VALUE
    if isinstance(value, Secret):
        return SECRET | {"value": on_the_wire(value.value)}
    if isinstance(value, dict):
        return {key: on_the_wire(member) for key, member in value.items()}
    if isinstance(value, list):
        return [on_the_wire(member) for member in value]
    return value


def _struct(inputs: Mapping[str, Any]) -> struct_pb2.Struct:
    struct = struct_pb2.Struct()
    struct.update(on_the_wire(dict(inputs)))
    return struct


def asked(pack: Any, resource: Planned) -> Found:
    """Ask the pack about a resource, and then about its stack, as the engine does."""
    found = []
    for one in (resource, *resource.beside):
        request = analyzer_pb2.AnalyzeRequest(type=one.type, name=one.name, urn=one.urn, properties=_struct(one.inputs))
        found += pack.Analyze(request).diagnostics
    found += pack.AnalyzeStack(stack_request(resource, *resource.beside)).diagnostics
    answer = set()
    for violation in found:
        rule = CONFIGURABLE[violation.policyName]
        description, text, guidance = violation.message.split("\n", 2)
        assert (description, guidance) == (rule.description, rule.guidance)
        assert violation.severity == analyzer_pb2.PolicySeverity.Value(f"POLICY_SEVERITY_{rule.severity.name}")
        level = next(level for level, code in LEVELS.items() if code == violation.enforcementLevel)
        if violation.urn == resource.urn:
            answer.add((violation.policyName, level.value, text))
    return answer


def stack_request(*resources: Planned, outputs: Mapping[str, Any] | None = None) -> Any:
    """Make the engine's request to judge a stack; what it shows of the resources are their outputs."""
    request = analyzer_pb2.AnalyzeStackRequest()
    for one in resources:
        shown = _struct(one.inputs if outputs is None else outputs)
        added = request.resources.add(type=one.type, name=one.name, urn=one.urn, properties=shown)
        added.parent = one.parent or ""
        for key, urns in one.property_dependencies.items():
            added.propertyDependencies[key].urns.extend(urns)
    return request


def judged(resource: Planned, root: Path, **options: Any) -> Found:
    """Return what ``judge`` says of the same resource."""
    found = judge([resource, *resource.beside], root=root, **options)
    return {(one.policy, one.level, one.message) for one in found if one.resource == resource.urn}
