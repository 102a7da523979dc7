"""The chart's promises weakened one at a time: what the policy pack and the API server say to each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from berth.plan import Resource
from components.berths.eks.chart import render
from components.berths.eks.objects import type_token
from policy.judge import judge

from .workload import Workload, with_values


@dataclass(frozen=True)
class Weakening:
    """A change of the chart's values, and who refuses what comes of it, with which words."""

    values: Mapping[str, Any]
    rule: str
    """The pack's rule that must be among those that are broken."""
    check: str = ""
    """What Pod Security says of the pod; empty where it has no such check and admits it."""
    invalid: str = ""
    """What the server says where no pod may look so, in any namespace: it then never gets to Pod Security."""
    level: str = "mandatory"
    """The rule's level."""


WEAKENED = {
    "may be root": Weakening({"security.runAsNonRoot": False}, "kubernetes-run-as-non-root", "runAsNonRoot != true"),
    "is root": Weakening({"security.uid": 0}, "kubernetes-run-as-user", "runAsUser=0"),
    "is root and says so": Weakening(
        {"security.uid": 0, "security.runAsNonRoot": False}, "kubernetes-run-as-non-root", "runAsUser=0"
    ),
    "no seccomp": Weakening({"security.seccompProfile": "Unconfined"}, "kubernetes-seccomp", "seccompProfile"),
    "capabilities kept": Weakening(
        {"security.dropCapabilities": []}, "kubernetes-capabilities", "unrestricted capabilities"
    ),
    "one capability dropped": Weakening(
        {"security.dropCapabilities": ["NET_RAW"]}, "kubernetes-capabilities", "unrestricted capabilities"
    ),
    # Upstream compares the word; container run times would take this one too.
    "drops all in small letters": Weakening(
        {"security.dropCapabilities": ["all"]}, "kubernetes-capabilities", "unrestricted capabilities"
    ),
    "may gain privileges": Weakening(
        {"security.allowPrivilegeEscalation": True},
        "kubernetes-no-privilege-escalation",
        "allowPrivilegeEscalation != false",
    ),
    "privileged": Weakening(
        {"security.privileged": True, "security.allowPrivilegeEscalation": True},
        "kubernetes-not-privileged",
        "privileged",
    ),
    "privileged without escalation": Weakening(
        {"security.privileged": True},
        "kubernetes-not-privileged",
        invalid="cannot set `allowPrivilegeEscalation` to false and `privileged` to true",
    ),
    # Pod Security has no check of the root file system: the pack alone speaks of it.
    "writable root": Weakening({"security.readOnlyRoot": False}, "kubernetes-read-only-root", level="advisory"),
}
NOT_A_PROMISE = {
    "gid": "Pod Security does not look at groups: a file's group is no privilege of the kernel's",
    "writablePaths": "each is an emptyDir, whose content goes with the pod",
}
"""Values below ``security`` that weaken nothing, whatever they are, and why."""


def deployment(workload: Workload, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Render the chart with changed values and return its Deployment."""
    rendered = render(workload.name, workload.namespace, with_values(workload.values, changes))
    return next(one for one in rendered if one["kind"] == "Deployment")


def pod_of(deployment: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the pod that a Deployment's template makes."""
    template = deployment["spec"]["template"]
    metadata = {**template["metadata"], "name": name, "namespace": deployment["metadata"]["namespace"]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]}


def broken_rules(manifest: Mapping[str, Any], level: str = "mandatory") -> set[str]:
    """Return the rules of the pack, of one level, that a manifest breaks."""
    token = type_token(manifest["apiVersion"], manifest["kind"])
    name = manifest["metadata"]["name"]
    resource = Resource(f"urn:pulumi:test::berth::{token}::{name}", token, name, None, manifest)
    return {violation.policy for violation in judge([resource]) if violation.level == level}
