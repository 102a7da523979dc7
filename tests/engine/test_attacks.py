"""A sample of the ways past the policies, at a preview by the real engine: each resource meets its mandatory rule."""

from __future__ import annotations

from typing import Final

import pytest

from ..policy.attacks.test_attacks import ATTACKS, HARMLESS
from . import unknown_cases
from .cli import Checkout, Run
from .standin.__main__ import PACKAGES
from .unknown_cases import STACK, Case

pytestmark = pytest.mark.engine

_NAMES: Final = (
    "ecs-non-root: 'u\\u017fer' behind user",
    "ecs-non-root: 'User' behind user",
    "ECS: hostPath '/proc/1/root/run/docker.sock'",
    "Docker: bind '/run/user/1000/podman/podman.sock'",
    "ECS: device /dev/sda",
    "Docker: label:type:spc_t",
    "WINDOWS_SERVER_2022_CORE without a user",
    "Windows as 'ContainerAdministrator'",
    "hostUsers, kubernetes-run-as-user, no version",
    "argoproj.io/v1alpha1:Rollout: spec.containers[1].securityContext.runAsUser",
    "a workflow's script",
    "a step",
    "a job, containers: user 0",
    "a job, pods: containers[0].securityContext.runAsUser",
    "aws:cloudcontrol/resource:Resource: user 0",
    "aws:cloudformation/stack:Stack: user 0",
    "YAML as root",
    "a macro",
    "aws:index/ecsTaskDefinition:EcsTaskDefinition: user 0",
    "kubernetes:index/deploymentV1:DeploymentV1: spec.securityContext.runAsUser",
)
_SAMPLE: Final = {one.name: one for one in ATTACKS if one.name in _NAMES}
_BESIDE: Final = [
    one for one in HARMLESS if one.name in ("YAML", "a good argoproj.io/v1alpha1:Rollout", "a good job, containers")
]


@pytest.fixture(scope="module")
def preview(providers: str, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Preview all of it once, in the place of the project's own program."""
    checkout = Checkout(tmp_path_factory.mktemp("attacks"), providers)
    table = [
        Case(one.resource, number, "", frozenset(), frozenset(), one.resource.inputs)
        for number, one in enumerate((*_SAMPLE.values(), *_BESIDE))
    ]
    unknown_cases.write_program(checkout.root, table)
    checkout.pulumi("stack", "init", STACK)
    return checkout.preview()


def _mandatory(run: Run, number: int) -> set[str]:
    return {
        one.rule
        for one in run.verdicts
        if one.level == "mandatory" and one.resource.rpartition("::")[2].startswith(f"{number}-")
    }


def test_the_sample_is_there_and_the_preview_is_refused(preview: Run) -> None:
    assert _SAMPLE.keys() == set(_NAMES)
    assert {one.resource.type.split(":")[0] for one in _SAMPLE.values()} <= set(PACKAGES)
    assert len(preview.inputs) >= len(_NAMES) + len(_BESIDE), preview.output
    assert preview.code != 0


@pytest.mark.parametrize("number", range(len(_NAMES)))
def test_the_engine_reports_the_rule(preview: Run, number: int) -> None:
    attack = list(_SAMPLE.values())[number]
    assert attack.rule in _mandatory(preview, number), attack.name


def test_the_engine_reports_nothing_of_what_is_harmless(preview: Run) -> None:
    for number, harmless in enumerate(_BESIDE, start=len(_SAMPLE)):
        assert _mandatory(preview, number) == set(), harmless.name
