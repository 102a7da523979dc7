"""What is unknown matters exactly where a rule reads it."""

from __future__ import annotations

import json

import pytest

from policy.judge import Violation, judge
from policy.rules.values import UNKNOWN, Secret

from .cases.docker import docker, image
from .cases.ecs import as_json, task
from .cases.kubernetes import deployment
from .support import Planned, edited

POD = "spec.template.spec"
FIRST = f"{POD}.containers[0]"

# A place in a compliant resource, and the mandatory rules that cannot judge without it.
NEEDED: list[tuple[Planned, str, set[str]]] = [
    (deployment(), f"{POD}.securityContext.runAsNonRoot", {"kubernetes-run-as-non-root"}),
    (deployment(), f"{FIRST}.securityContext.runAsUser", {"kubernetes-run-as-user"}),
    (deployment(), f"{POD}.securityContext.runAsUser", {"kubernetes-run-as-user"}),
    (deployment(), f"{FIRST}.securityContext.privileged", {"kubernetes-not-privileged"}),
    (deployment(), f"{FIRST}.securityContext.allowPrivilegeEscalation", {"kubernetes-no-privilege-escalation"}),
    (deployment(), f"{FIRST}.securityContext.capabilities", {"kubernetes-capabilities"}),
    (deployment(), f"{FIRST}.securityContext.capabilities.add", {"kubernetes-capabilities"}),
    (deployment(), f"{FIRST}.securityContext.capabilities.drop", {"kubernetes-capabilities"}),
    (deployment(), f"{FIRST}.securityContext.capabilities.drop[0]", {"kubernetes-capabilities"}),
    (deployment(), f"{FIRST}.securityContext.seccompProfile", {"kubernetes-seccomp"}),
    (deployment(), f"{POD}.securityContext.seccompProfile.type", {"kubernetes-seccomp"}),
    (deployment(), f"{FIRST}.securityContext.procMount", {"kubernetes-proc-mount"}),
    (deployment(), f"{FIRST}.securityContext.appArmorProfile", {"kubernetes-app-armor"}),
    (deployment(), f"{FIRST}.securityContext.seLinuxOptions", {"kubernetes-selinux"}),
    (deployment(), f"{FIRST}.securityContext.windowsOptions", {"kubernetes-no-host-process"}),
    (deployment(), f"{POD}.securityContext.sysctls", {"kubernetes-sysctls"}),
    (deployment(), f"{POD}.hostNetwork", {"kubernetes-no-host-namespaces"}),
    (deployment(), f"{POD}.hostPID", {"kubernetes-no-host-namespaces"}),
    (deployment(), f"{POD}.hostIPC", {"kubernetes-no-host-namespaces"}),
    (deployment(), f"{POD}.volumes", {"kubernetes-volume-types"}),
    (deployment(), f"{POD}.volumes[0].emptyDir", {"kubernetes-volume-types"}),
    (deployment(), f"{FIRST}.ports[0].hostPort", {"kubernetes-no-host-ports"}),
    (deployment(), f"{FIRST}.ports", {"kubernetes-no-host-ports"}),
    (deployment(), f"{FIRST}.livenessProbe", {"kubernetes-no-host-probes"}),
    (deployment(), f"{FIRST}.lifecycle", {"kubernetes-no-host-probes"}),
    (deployment(), "spec.template.metadata.annotations", {"kubernetes-app-armor"}),
    (task(), "containerDefinitions[0].user", {"ecs-non-root"}),
    (task(), "containerDefinitions[0].privileged", {"ecs-not-privileged"}),
    (task(), "containerDefinitions[0].linuxParameters.capabilities.add", {"ecs-no-added-capabilities"}),
    (task(), "containerDefinitions[0].dockerSecurityOptions", {"ecs-confined", "ecs-no-new-privileges"}),
    (task(), "containerDefinitions[0].environment", {"ecs-no-plain-secrets"}),
    (task(), "containerDefinitions[0].environment[0].name", {"ecs-no-plain-secrets"}),
    (task(), "pidMode", {"ecs-no-host-namespaces"}),
    (task(), "ipcMode", {"ecs-no-host-namespaces"}),
    (task(), "networkMode", {"ecs-no-host-namespaces"}),
    (task(), "volumes", {"ecs-no-runtime-socket"}),
    (docker(), "user", {"docker-non-root"}),
    (docker(), "privileged", {"docker-not-privileged"}),
    (docker(), "capabilities", {"docker-no-added-capabilities"}),
    (docker(), "pidMode", {"docker-no-host-namespaces"}),
    (docker(), "volumes[0].hostPath", {"docker-no-runtime-socket"}),
    (docker(), "securityOpts", {"docker-confined"}),
    (image("FROM a\nARG U\nUSER $U", buildArgs={"U": "1"}), "buildArgs.U", {"docker-image-non-root"}),
    (image("FROM a\nUSER 1"), "dockerfile.inline", {"docker-image-non-root"}),
    (image("FROM a\nUSER 1"), "target", {"docker-image-non-root"}),
]

# A place that no rule needs: nobody may be stopped by it.
ELSEWHERE: list[tuple[Planned, str]] = [
    (deployment(), "metadata"),
    (deployment(), "spec.replicas"),
    (deployment(), "spec.selector"),
    (deployment(), "spec.template.metadata.labels"),
    (deployment(), "spec.template.metadata.annotations.example\\.com/checksum"),
    (deployment(), f"{FIRST}.image"),
    (deployment(), f"{FIRST}.name"),
    (deployment(), f"{FIRST}.env[0].value"),
    (deployment(), f"{FIRST}.ports[0].containerPort"),
    (deployment(), f"{FIRST}.resources"),
    (deployment(), f"{POD}.volumes[0].name"),
    (deployment(), f"{POD}.hostUsers"),
    (deployment(), f"{POD}.os"),
    (deployment(), f"{POD}.serviceAccountName"),
    (task(), "executionRoleArn"),
    (task(), "family"),
    (task(), "cpu"),
    (task(), "runtimePlatform"),
    (task(), "requiresCompatibilities"),
    (task(), "containerDefinitions[0].image"),
    (task(), "containerDefinitions[0].environment[0].value"),
    (task(), "containerDefinitions[0].secrets"),
    (task(), "containerDefinitions[0].logConfiguration.options"),
    (task(), "containerDefinitions[0].name"),
    (docker(), "image"),
    (docker(), "name"),
    (docker(), "networksAdvanced[0].name"),
    (image("FROM a\nARG V\nRUN echo $V\nUSER 1", buildArgs={"V": "1"}), "buildArgs.V"),
    (image("FROM a\nUSER 1"), "tags"),
]


def _mandatory(found: list[Violation]) -> set[str]:
    return {one.policy for one in found if one.level == "mandatory"}


@pytest.mark.parametrize(("resource", "path", "rules"), NEEDED, ids=[path for _, path, _ in NEEDED])
@pytest.mark.parametrize("value", [UNKNOWN, Secret(UNKNOWN)], ids=["plain", "secret"])
def test_an_unknown_that_a_rule_needs_breaks_that_rule_alone(
    resource: Planned, path: str, rules: set[str], value: object
) -> None:
    assert judge([resource]) == []
    found = judge([Planned(resource.type, edited(resource.inputs, path, value))])
    assert _mandatory(found) == rules
    for one in found:
        assert "not known before `pulumi up`" in one.message
        assert path in one.message, "the message names another input"


@pytest.mark.parametrize(("resource", "path"), ELSEWHERE, ids=[path for _, path in ELSEWHERE])
def test_an_unknown_elsewhere_stops_nobody(resource: Planned, path: str) -> None:
    assert judge([Planned(resource.type, edited(resource.inputs, path, UNKNOWN))]) == []


def test_a_whole_definition_that_is_unknown_breaks_every_rule_on_containers() -> None:
    found = judge([Planned(task().type, task().inputs | {"containerDefinitions": UNKNOWN})])
    assert _mandatory(found) == {
        "ecs-confined",
        "ecs-no-added-capabilities",
        "ecs-no-host-devices",
        "ecs-no-new-privileges",
        "ecs-no-plain-secrets",
        "ecs-non-root",
        "ecs-not-privileged",
    }


def test_one_unknown_container_does_not_hide_another_ones_breach() -> None:
    containers = [UNKNOWN, {"name": "bad", "user": "0"}]
    messages = [one.message for one in judge([Planned(task().type, {"containerDefinitions": containers})])]
    assert any("containerDefinitions[0] is not known" in one for one in messages)
    assert any("container 'bad': containerDefinitions[1].user is \"0\"" in one for one in messages)


def test_the_callers_own_unknown_and_secret_are_understood() -> None:
    class Hidden:
        def __init__(self, value: object) -> None:
            self.value = value

    unknown = object()
    resource = Planned(task().type, edited(task().inputs, "containerDefinitions[0].user", Hidden(unknown)))
    assert _mandatory(judge([resource], unknown=unknown, secret=Hidden)) == {"ecs-non-root"}
    resource = Planned(task().type, edited(task().inputs, "containerDefinitions[0].user", Hidden("root")))
    (found,) = judge([resource], unknown=unknown, secret=Hidden)
    assert "is a secret value; write" in found.message
    assert "root," not in found.message


def test_what_lies_inside_a_secret_is_not_shown_either() -> None:
    inputs = as_json(task("user", "root:hunter2")).inputs
    for definitions in (inputs["containerDefinitions"], json.loads(inputs["containerDefinitions"])):
        found = judge([Planned(task().type, inputs | {"containerDefinitions": Secret(definitions)})])
        assert _mandatory(found) == {"ecs-non-root"}
        assert not [one for one in found if "hunter2" in one.message]
