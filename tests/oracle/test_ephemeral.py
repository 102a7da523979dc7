"""Ephemeral containers, which upstream's fixtures have none of: cases of our own, judged by upstream's evaluator."""

from __future__ import annotations

from typing import Any

import pytest

from policy.rules.kubernetes.podrule import NEWEST

from ..policy.support import edited
from . import pack
from .pack import PROFILES, RULES_OF, Pod
from .test_fixtures import fixtures
from .upstream import Oracle, Question

pytestmark = pytest.mark.oracle

GOOD: dict[str, Any] = {
    "name": "debug",
    "image": "example/debug:1",
    "targetContainerName": "app",
    "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
}
CONTEXT = "securityContext"
# An edit of a good ephemeral container, and upstream's reason to refuse it under the newest standard, if it has one.
CASES: list[tuple[str, Any, str | None]] = [
    ("command", ["sh"], None),
    (f"{CONTEXT}.readOnlyRootFilesystem", False, None),
    (f"{CONTEXT}.capabilities.add", ["NET_BIND_SERVICE"], None),
    (f"{CONTEXT}.capabilities.add", ["SYS_PTRACE"], "unrestricted capabilities"),
    (f"{CONTEXT}.capabilities.drop", ["all"], "unrestricted capabilities"),
    (f"{CONTEXT}.capabilities", None, "unrestricted capabilities"),
    (f"{CONTEXT}.privileged", True, "privileged"),
    (f"{CONTEXT}.allowPrivilegeEscalation", True, "allowPrivilegeEscalation != false"),
    (f"{CONTEXT}.allowPrivilegeEscalation", None, "allowPrivilegeEscalation != false"),
    (CONTEXT, None, "allowPrivilegeEscalation != false"),
    (f"{CONTEXT}.runAsNonRoot", False, "runAsNonRoot != true"),
    (f"{CONTEXT}.runAsUser", 0, "runAsUser=0"),
    (f"{CONTEXT}.runAsUser", 10001, None),
    (f"{CONTEXT}.seccompProfile", {"type": "Unconfined"}, "seccompProfile"),
    (f"{CONTEXT}.seccompProfile", {"type": "Localhost", "localhostProfile": "a.json"}, None),
    (f"{CONTEXT}.seLinuxOptions", {"type": "spc_t"}, "seLinuxOptions"),
    (f"{CONTEXT}.seLinuxOptions", {"type": "container_engine_t"}, None),
    (f"{CONTEXT}.appArmorProfile", {"type": "Unconfined"}, "forbidden AppArmor profile"),
    (f"{CONTEXT}.procMount", "Unmasked", "procMount"),
    (f"{CONTEXT}.windowsOptions", {"hostProcess": True}, "hostProcess"),
    # The API server refuses ports and probes of an ephemeral container; upstream's checks look at them all the same.
    ("ports", [{"containerPort": 80, "hostPort": 80}], "hostPort"),
    ("livenessProbe", {"tcpSocket": {"host": "10.0.0.1", "port": 80}}, "probe or lifecycle host"),
    ("lifecycle", {"preStop": {"httpGet": {"host": "10.0.0.1", "port": 80}}}, "probe or lifecycle host"),
]
# What the pod around it says; the second names no user and no profile, so that the ephemeral container must.
AROUND: dict[str, Pod] = {
    "secured pod": {"securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}},
    "bare pod": {},
    "Windows pod": {"os": {"name": "windows"}, "securityContext": {"runAsNonRoot": True}},
    "user namespace": {"hostUsers": False, "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}}},
}
OWN = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}


def _pod(around: Pod, ephemeral: dict[str, Any]) -> Pod:
    app = GOOD | {"name": "app", "securityContext": GOOD["securityContext"] | OWN}
    del app["targetContainerName"]
    return {"metadata": {}, "spec": {"containers": [app], "ephemeralContainers": [ephemeral], **around}}


@pytest.mark.parametrize("around", AROUND.values(), ids=list(AROUND))
@pytest.mark.parametrize("level", PROFILES)
def test_every_case_gets_upstreams_verdict_at_every_version(oracle: Oracle, level: str, around: Pod) -> None:
    questions = [
        Question(level, version, _pod(around, edited(GOOD, path, value)))
        for path, value, _ in CASES
        for version in ("latest", *(f"v1.{minor}" for minor in range(NEWEST + 1)))
    ]
    wrong = []
    for question, answer in zip(questions, oracle.ask_all(questions), strict=True):
        kinds = ["kubernetes:core/v1:Pod", "kubernetes:batch/v1:CronJob"]
        case = question.pod["spec"]["ephemeralContainers"][0]
        wrong += [f"{question.version} {case}: {one}" for one in pack.differences(question, answer, kinds)]
    assert wrong == []


def test_upstream_refuses_what_the_cases_say(oracle: Oracle) -> None:
    secured = AROUND["secured pod"]
    questions = [Question("restricted", "latest", _pod(secured, edited(GOOD, path, value))) for path, value, _ in CASES]
    for (path, value, reason), answer in zip(CASES, oracle.ask_all(questions), strict=True):
        assert (reason in answer.reasons) if reason else answer.allowed, f"{path}={value}: {answer}"
    about_pods = {"runAsNonRoot != true", "non-default capabilities", "forbidden AppArmor profiles"}
    about_pods |= {"forbidden sysctls", "host namespaces", "hostPath volumes", "restricted volume types"}
    assert {reason for _, _, reason in CASES if reason} >= RULES_OF.keys() - about_pods


@pytest.mark.parametrize("minor", range(NEWEST + 1))
@pytest.mark.parametrize("level", PROFILES)
def test_upstreams_fixtures_with_their_containers_made_ephemeral(oracle: Oracle, level: str, minor: int) -> None:
    questions = []
    for fixture in fixtures(level, minor):
        spec = fixture.question.pod["spec"]
        moved = [*spec.get("initContainers", []), *spec["containers"]]
        pod = fixture.question.pod | {"spec": spec | {"initContainers": [], "containers": []}}
        pod["spec"]["ephemeralContainers"] = moved
        questions.append(Question(level, fixture.question.version, pod))
    for question, answer in zip(questions, oracle.ask_all(questions), strict=True):
        assert pack.differences(question, answer, ["kubernetes:core/v1:Pod"]) == [], question.pod
