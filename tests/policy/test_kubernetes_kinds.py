"""Every kind that starts pods is judged, under every token that Pulumi gives it."""

from __future__ import annotations

from typing import Any

import pytest

from .cases.kubernetes import pod
from .support import Inputs, Planned, edited, violations

RULE = "kubernetes-run-as-non-root"


def _wrapped(kind: str, template: Inputs) -> Inputs:
    if kind == "Pod":
        return template
    if kind == "PodTemplate":
        return {"template": template}
    if kind == "CronJob":
        return {"spec": {"jobTemplate": {"spec": {"template": template}}}}
    return {"spec": {"template": template}}


TOKENS = [
    ("core/v1", "Pod"),
    ("v1", "Pod"),
    ("core/v1", "PodTemplate"),
    ("core/v1", "ReplicationController"),
    *((f"apps/{version}", kind) for version in ("v1", "v1beta1", "v1beta2") for kind in ("Deployment", "StatefulSet")),
    *(
        (f"{group}", kind)
        for group in ("apps/v1", "apps/v1beta2", "extensions/v1beta1")
        for kind in ("DaemonSet", "ReplicaSet")
    ),
    ("extensions/v1beta1", "Deployment"),
    ("batch/v1", "Job"),
    *((f"batch/{version}", "CronJob") for version in ("v1", "v1beta1", "v2alpha1")),
]
ROOT = edited(pod(), "spec.initContainers[0].securityContext.runAsNonRoot", False)


@pytest.mark.parametrize(("group", "kind"), TOKENS, ids=[f"{group}:{kind}" for group, kind in TOKENS])
@pytest.mark.parametrize("suffix", ["", "Patch", "List", "ListPatch"])
def test_every_kind_is_judged(group: str, kind: str, suffix: str) -> None:
    def resource(template: Inputs) -> Planned:
        inputs = _wrapped(kind, template)
        more = _wrapped(kind, pod())
        return Planned(f"kubernetes:{group}:{kind}{suffix}", {"items": [more, inputs]} if "List" in suffix else inputs)

    assert violations(RULE, resource(pod())) == []
    (found,) = violations(RULE, resource(ROOT))
    assert "container 'migrate'" in found.message
    assert "spec.initContainers[0].securityContext.runAsNonRoot is false" in found.message
    assert ("items[1]." in found.message) == ("List" in suffix)


@pytest.mark.parametrize(
    "inputs",
    [{}, {"spec": None}, {"spec": {"replicas": 1}}, {"spec": {"template": {"metadata": {"labels": {"a": "b"}}}}}],
)
def test_a_patch_that_touches_no_pod_is_none_of_our_business(inputs: dict[str, Any]) -> None:
    assert violations(RULE, Planned("kubernetes:apps/v1:DeploymentPatch", inputs)) == []


def test_a_patch_is_judged_by_what_it_says() -> None:
    def patch(spec: dict[str, Any]) -> Planned:
        return Planned("kubernetes:apps/v1:DeploymentPatch", {"spec": {"template": {"spec": spec}}})

    assert violations(RULE, patch({"securityContext": {"runAsNonRoot": True}})) == []
    assert violations(RULE, patch({"securityContext": {"runAsNonRoot": False}}))
    assert violations(RULE, patch({"containers": [{"name": "app", "image": "app:2"}]}))


@pytest.mark.parametrize(
    ("rule", "version", "path", "value", "allowed"),
    [
        ("kubernetes-run-as-non-root", "v1.34", "spec.hostUsers", False, False),
        ("kubernetes-run-as-non-root", "v1.35", "spec.hostUsers", False, True),
        ("kubernetes-run-as-non-root", "v1.35", "spec.hostUsers", True, False),
        ("kubernetes-no-privilege-escalation", "v1.24", "spec.os", {"name": "windows"}, False),
        ("kubernetes-no-privilege-escalation", "v1.25", "spec.os", {"name": "windows"}, True),
        ("kubernetes-no-privilege-escalation", "v1.25", "spec.os", {"name": "linux"}, False),
        ("kubernetes-sysctls", "v1.31", "spec.securityContext.sysctls", [{"name": "net.ipv4.tcp_rmem"}], False),
        ("kubernetes-sysctls", "v1.32", "spec.securityContext.sysctls", [{"name": "net.ipv4.tcp_rmem"}], True),
        ("kubernetes-sysctls", "latest", "spec.securityContext.sysctls", [{"name": "net.ipv4.tcp_rmem"}], True),
        ("kubernetes-sysctls", "v1.37", "spec.securityContext.sysctls", [{"name": "net.ipv4.tcp_rmem"}], True),
    ],
)
def test_the_standards_version_decides(rule: str, version: str, path: str, value: Any, allowed: bool) -> None:
    weak = {"spec": {"containers": [{"name": "app"}]}}
    found = violations(rule, Planned("kubernetes:core/v1:Pod", edited(weak, path, value)), version=version)
    assert (not found) == allowed
