"""The cases of the rules on pods, and the pods they are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..support import REMOVED, Inputs, Planned, edited
from ..table import TOPIC, Cases

DEPLOYMENT = "kubernetes:apps/v1:Deployment"
RELEASE = "kubernetes:helm.sh/v3:Release"

COMPONENTS = (
    "kubernetes:helm.sh/v2:Chart",
    "kubernetes:helm.sh/v3:Chart",
    "kubernetes:helm.sh/v4:Chart",
    "kubernetes:yaml:ConfigGroup",
    "kubernetes:yaml:ConfigFile",
    "kubernetes:yaml/v2:ConfigGroup",
    "kubernetes:yaml/v2:ConfigFile",
    "kubernetes:kustomize:Directory",
    "kubernetes:kustomize/v2:Directory",
)

CHART = Path(__file__).parents[1] / "charts" / "small"


def container(name: str) -> Inputs:
    """Return a container that every Kubernetes rule is content with."""
    return {
        "name": name,
        "image": "example/app:1",
        "ports": [{"containerPort": 8080}],
        "env": [{"name": "MODE", "value": "fast"}],
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        },
    }


def pod() -> Inputs:
    """Return a pod that every Kubernetes rule is content with."""
    return {
        "metadata": {"labels": {"app": "it"}, "annotations": {"example.com/checksum": "1"}},
        "spec": {
            "securityContext": {"runAsNonRoot": True, "runAsUser": 10001, "seccompProfile": {"type": "RuntimeDefault"}},
            "initContainers": [container("migrate")],
            "containers": [container("app"), container("proxy")],
            "volumes": [{"name": "tmp", "emptyDir": {}}],
        },
    }


def deployment(path: str = "spec.containers[0].name", value: Any = "app") -> Planned:
    """Return a good Deployment with one place of its pod edited."""
    return Planned(DEPLOYMENT, {"spec": {"replicas": 2, "template": edited(pod(), path, value)}})


def each_with(make: Callable[[str, Any], Planned], path: str, *values: Any) -> list[Planned]:
    """Return a good resource for each value, with that at one place."""
    return [make(path, value) for value in values]


def _component(token: str, child: str | None = None) -> Planned:
    """Return a component that makes Kubernetes objects, with or without a child in the stack."""
    alone = Planned(token, {"chart": "./chart", "file": "pod.yaml"})
    below = [] if child is None else [Planned(child, deployment().inputs, "child", parent=alone.urn)]
    return replace(alone, beside=(*below, Planned(child or TOPIC.type, name="elsewhere", inputs=TOPIC.inputs)))


C = "spec.containers[0]"
SC = f"{C}.securityContext"
POD_SC = "spec.securityContext"
EPHEMERAL = "spec.ephemeralContainers"
WINDOWS_POD = {"securityContext": {"runAsNonRoot": True}, "os": {"name": "windows"}, "containers": [{"name": "app"}]}
WINDOWS = Planned(DEPLOYMENT, {"spec": {"template": {"spec": WINDOWS_POD}}})

USER_NAMESPACE = Planned(
    DEPLOYMENT, {"spec": {"template": {"spec": {"hostUsers": False, "containers": [{"name": "a"}]}}}}
)

FALSE_ON_THE_POD = {
    "securityContext": {"runAsNonRoot": False},
    "containers": [{"name": "app", "securityContext": {"runAsNonRoot": True}}],
}

NO_POD = Planned("kubernetes:apps/v1:DeploymentPatch", {"spec": {"replicas": 3}})


def on_pod(key: str, *values: Any) -> list[Planned]:
    """Return Deployments with each value in the pod's security context."""
    return each_with(deployment, f"{POD_SC}.{key}", *values)


def on_app(key: str, *values: Any) -> list[Planned]:
    """Return Deployments with each value in a container's security context."""
    return each_with(deployment, f"{SC}.{key}", *values)


def _in_every_list(path: str, value: Any) -> list[Planned]:
    """Return Deployments that are bad in an ordinary, a second, an init and an ephemeral container, and a sidecar."""
    places = (C, "spec.containers[1]", "spec.initContainers[0]")
    ephemeral = deployment(EPHEMERAL, [edited(container("debug"), path, value)])
    sidecar = deployment("spec.initContainers", [edited(container("proxy") | {"restartPolicy": "Always"}, path, value)])
    return [*(deployment(f"{place}.{path}", value) for place in places), ephemeral, sidecar]


def everywhere(key: str, value: Any) -> list[Planned]:
    """Return Deployments that are bad in the security context of a container of each kind."""
    return _in_every_list(f"securityContext.{key}", value)


HANDLERS = ("livenessProbe", "readinessProbe", "startupProbe", "lifecycle.postStart", "lifecycle.preStop")

KUBERNETES: dict[str, Cases] = {
    "kubernetes-run-as-non-root": Cases(
        good=[deployment(), WINDOWS, *on_app("runAsNonRoot", True)],
        bad=[
            # Only with a version that is set does a user namespace excuse anything.
            USER_NAMESPACE,
            deployment(POD_SC, {}),
            *on_pod("runAsNonRoot", REMOVED, None, "true"),
            Planned(DEPLOYMENT, {"spec": {"template": {"spec": FALSE_ON_THE_POD}}}),
            *everywhere("runAsNonRoot", False),
        ],
    ),
    "kubernetes-run-as-user": Cases(
        good=[deployment(), *on_app("runAsUser", 1.0), deployment(POD_SC, {})],
        bad=[*on_pod("runAsUser", 0, 0.0, "0"), *everywhere("runAsUser", 0)],
    ),
    "kubernetes-no-root-group": Cases(
        good=[deployment(), *on_pod("runAsGroup", 10001), *on_pod("supplementalGroups", [5])],
        bad=[
            *on_pod("runAsGroup", 0, "0"),
            *on_pod("fsGroup", 0),
            *on_pod("supplementalGroups", [5, 0]),
            *everywhere("runAsGroup", 0),
        ],
    ),
    "kubernetes-no-privilege-escalation": Cases(
        good=[deployment(), WINDOWS],
        bad=[
            *on_app("allowPrivilegeEscalation", REMOVED, "false"),
            deployment(SC, None),
            *everywhere("allowPrivilegeEscalation", True),
        ],
    ),
    "kubernetes-not-privileged": Cases(
        good=[deployment(), *on_app("privileged", False)],
        bad=[*on_app("privileged", "yes"), *everywhere("privileged", True)],
    ),
    "kubernetes-capabilities": Cases(
        good=[
            deployment(),
            WINDOWS,
            *on_app("capabilities", {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]}),
            *on_app("capabilities.drop", ["NET_RAW", "ALL"]),
        ],
        bad=[
            *on_app("capabilities", {"drop": ["all"]}),
            *on_app("capabilities", {"drop": "ALL"}),
            *on_app("capabilities", {"drop": ["ALL", None]}),
            *on_app("capabilities", {"drop": ["ALL"], "add": ["CHOWN"]}),
            *on_app("capabilities", {"drop": ["ALL"], "add": ["CAP_NET_BIND_SERVICE"]}),
            *everywhere("capabilities", {"drop": ["NET_RAW"]}),
        ],
    ),
    "kubernetes-capabilities-baseline": Cases(
        good=[*on_app("capabilities", None), *on_app("capabilities", {"add": ["CHOWN"]})],
        bad=everywhere("capabilities", {"add": ["SYS_ADMIN"]}),
    ),
    "kubernetes-seccomp": Cases(
        good=[deployment(), WINDOWS, *on_app("seccompProfile", {"type": "Localhost", "localhostProfile": "a.json"})],
        bad=[
            *on_pod("seccompProfile", REMOVED, {}),
            *on_pod("seccompProfile.type", "Unconfined"),
            *everywhere("seccompProfile", {"type": "Unconfined"}),
        ],
    ),
    "kubernetes-seccomp-baseline": Cases(
        good=[deployment(), deployment(POD_SC, None)],
        bad=[*on_pod("seccompProfile.type", "Unconfined"), *everywhere("seccompProfile", {"type": "Unconfined"})],
    ),
    "kubernetes-no-host-namespaces": Cases(
        good=[deployment(), deployment("spec.hostNetwork", False)],
        bad=[
            deployment("spec.hostNetwork", True),
            deployment("spec.hostPID", True),
            *each_with(deployment, "spec.hostIPC", True, "true"),
        ],
    ),
    "kubernetes-no-host-ports": Cases(
        good=[deployment(), deployment(f"{C}.ports[0].hostPort", 0.0)],
        bad=_in_every_list("ports", [{"containerPort": 80}, {"containerPort": 81, "hostPort": 8081.0}]),
    ),
    "kubernetes-no-host-probes": Cases(
        good=[
            deployment(f"{C}.livenessProbe", {"httpGet": {"path": "/", "port": 80}}),
            deployment(f"{C}.livenessProbe", {"httpGet": {"path": "/", "port": 80, "host": ""}}),
            deployment(f"{C}.startupProbe", {"exec": {"command": ["true"]}}),
        ],
        bad=[
            deployment(f"{C}.{handler}", {action: {"host": "10.0.0.1", "port": 80}})
            for handler in HANDLERS
            for action in ("httpGet", "tcpSocket")
        ]
        + _in_every_list("livenessProbe", {"tcpSocket": {"host": "10.0.0.1"}}),
    ),
    "kubernetes-volume-types": Cases(
        good=[
            deployment(),
            deployment("spec.volumes", None),
            # The API server makes a volume without a source an emptyDir.
            deployment("spec.volumes", [{"name": "defaulted"}, {"name": "also", "nfs": None}]),
            deployment("spec.volumes[0]", {"name": "claim", "persistentVolumeClaim": {"claimName": "it"}}),
            deployment("spec.volumes[0]", {"name": "files", "projected": {"sources": [{"secret": {"name": "it"}}]}}),
        ],
        bad=[
            deployment("spec.volumes", [{"name": "ok", "emptyDir": {}}, {"name": "host", "hostPath": {"path": "/"}}]),
            deployment("spec.volumes", [{"name": "host", "hostPath": {}}]),
            deployment("spec.volumes[0]", {"name": "share", "nfs": {"server": "s", "path": "/"}}),
        ],
    ),
    "kubernetes-no-host-path": Cases(
        good=[deployment(), deployment("spec.volumes[0]", {"name": "share", "nfs": {"server": "s", "path": "/"}})],
        bad=[deployment("spec.volumes", [{"name": "host", "hostPath": {"path": "/"}}])],
    ),
    "kubernetes-proc-mount": Cases(
        good=[deployment(), *on_app("procMount", "Default")], bad=everywhere("procMount", "Unmasked")
    ),
    "kubernetes-proc-mount-baseline": Cases(
        good=[deployment(), USER_NAMESPACE], bad=everywhere("procMount", "Unmasked")
    ),
    "kubernetes-selinux": Cases(
        good=[deployment(), *on_pod("seLinuxOptions", {"type": "container_engine_t", "level": "s0"})],
        bad=[
            *on_pod("seLinuxOptions", {"type": "spc_t"}, {"user": "system_u"}),
            *everywhere("seLinuxOptions", {"role": "sysadm_r"}),
        ],
    ),
    "kubernetes-app-armor": Cases(
        good=[
            deployment(),
            *on_app("appArmorProfile", {"type": "Localhost"}),
            deployment("metadata.annotations", {"container.apparmor.security.beta.kubernetes.io/app": "localhost/x"}),
        ],
        bad=[
            *on_pod("appArmorProfile", {"type": "Unconfined"}),
            deployment("metadata.annotations", {"container.apparmor.security.beta.kubernetes.io/app": "unconfined"}),
            *everywhere("appArmorProfile", {}),
        ],
    ),
    "kubernetes-no-host-process": Cases(
        good=[deployment(), *on_pod("windowsOptions", {"hostProcess": False})],
        bad=[*on_pod("windowsOptions", {"hostProcess": True}), *everywhere("windowsOptions", {"hostProcess": True})],
    ),
    "kubernetes-sysctls": Cases(
        good=[deployment(), *on_pod("sysctls", [{"name": "net.ipv4.tcp_rmem", "value": "1"}])],
        bad=[*on_pod("sysctls", [{"name": "kernel.msgmax", "value": "1"}]), *on_pod("sysctls", [{"value": "1"}])],
    ),
    "kubernetes-read-only-root": Cases(
        good=[deployment(), WINDOWS],
        bad=[*on_app("readOnlyRootFilesystem", REMOVED), *everywhere("readOnlyRootFilesystem", False)],
    ),
    "kubernetes-nothing-opaque": Cases(
        good=[Planned(RELEASE, {"chart": str(CHART)})],
        bad=[
            Planned(RELEASE, {"chart": "./missing"}),
            Planned(RELEASE, {"chart": "nginx", "repositoryOpts": {"repo": "https://charts.example.com"}}),
            Planned(RELEASE, {"chart": "oci://registry.example.com/nginx"}),
            Planned(RELEASE, {"values": {}}),
        ],
    ),
    "kubernetes-no-opaque-components": Cases(
        good=[_component(token, "kubernetes:apps/v1:Deployment") for token in COMPONENTS],
        bad=[
            *(_component(token) for token in COMPONENTS),
            # What stands below it may be just as opaque, or no object at all.
            _component("kubernetes:yaml:ConfigGroup", "kubernetes:yaml:ConfigFile"),
            _component("kubernetes:helm.sh/v4:Chart", "random:index/randomPassword:RandomPassword"),
        ],
    ),
}

for _id, _cases in KUBERNETES.items():
    if "opaque" not in _id:
        _cases.foreign += [
            NO_POD,
            Planned("kubernetes:core/v1:Service", {"spec": {}}),
            Planned("kubernetes:autoscaling.k8s.io/v1:VerticalPodAutoscaler", {"spec": {"targetRef": {}}}),
        ]
