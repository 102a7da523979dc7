"""Per rule: resources that keep its promise, break it, or are none of its business.

The tables are read by several tests: that each verdict is right, that each rule has cases of every kind, and that no
unknown value turns a breach into a pass.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from .aws_cases import AWS
from .support import REMOVED, Inputs, Planned, edited
from .table import TOPIC, Cases
from .workload_cases import WORKLOADS

DEPLOYMENT = "kubernetes:apps/v1:Deployment"
TASK = "aws:ecs/taskDefinition:TaskDefinition"
CONTAINER = "docker:index/container:Container"
SERVICE = "docker:index/service:Service"
STACK = "aws:cloudformation/stack:Stack"
VOLUME = "docker:index/volume:Volume"
IMAGE = "docker-build:index:Image"
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
CHART = Path(__file__).parent / "charts" / "small"


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


def definition() -> Inputs:
    """Return an ECS container definition that every rule is content with."""
    return {
        "name": "app",
        "image": "example/app:1",
        "user": "10001:10001",
        "readonlyRootFilesystem": True,
        "dockerSecurityOptions": ["no-new-privileges"],
        "linuxParameters": {"capabilities": {"drop": ["ALL"]}},
        "environment": [{"name": "MODE", "value": "fast"}],
        "secrets": [{"name": "DB_PASSWORD", "valueFrom": "/it/password"}],
        "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "/it"}},
    }


def task(path: str = "name", value: Any = "app", **more: Any) -> Planned:
    """Return a good task definition, as a list of objects, with one place of its first container edited."""
    containers = [edited(definition(), path, value), definition() | {"name": "sidecar"}]
    return Planned(TASK, {"family": "it", "networkMode": "awsvpc", "containerDefinitions": containers, **more})


def as_json(resource: Planned) -> Planned:
    """Return the task definition with its containers as the JSON string that the AWS provider takes."""
    text = json.dumps(resource.inputs["containerDefinitions"])
    return Planned(resource.type, resource.inputs | {"containerDefinitions": text})


def docker(path: str = "name", value: Any = "app") -> Planned:
    """Return a good Docker container with one place edited."""
    good = {
        "image": "example/app:1",
        "user": "10001",
        "volumes": [{"containerPath": "/data", "hostPath": "/srv/data"}],
        "networksAdvanced": [{"name": "front"}],
    }
    return Planned(CONTAINER, edited(good, path, value))


def swarm(path: str = "taskSpec.containerSpec.hostname", value: Any = "app") -> Planned:
    """Return a good Swarm service with one place edited."""
    return Planned(SERVICE, edited({"taskSpec": {"containerSpec": {"image": "a", "user": "app"}}}, path, value))


def image(dockerfile: str, **more: Any) -> Planned:
    """Return an image whose Dockerfile stands in its inputs."""
    return Planned(IMAGE, {"tags": ["example/app:1"], "dockerfile": {"inline": dockerfile}, **more})


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


def _in_every_list(path: str, value: Any) -> list[Planned]:
    """Return Deployments that are bad in an ordinary, a second, an init and an ephemeral container."""
    ephemeral = edited(container("debug"), path, value)
    return [
        deployment(f"{C}.{path}", value),
        deployment(f"spec.containers[1].{path}", value),
        deployment(f"spec.initContainers[0].{path}", value),
        deployment(EPHEMERAL, [ephemeral]),
    ]


HANDLERS = ("livenessProbe", "readinessProbe", "startupProbe", "lifecycle.postStart", "lifecycle.preStop")

KUBERNETES: dict[str, Cases] = {
    "kubernetes-run-as-non-root": Cases(
        good=[deployment(), WINDOWS, deployment(f"{SC}.runAsNonRoot", True)],
        bad=[
            # Only with a version that is set does a user namespace excuse anything.
            USER_NAMESPACE,
            deployment(POD_SC, {}),
            deployment(f"{POD_SC}.runAsNonRoot", REMOVED),
            deployment(f"{POD_SC}.runAsNonRoot", None),
            deployment(f"{POD_SC}.runAsNonRoot", "true"),
            Planned(DEPLOYMENT, {"spec": {"template": {"spec": FALSE_ON_THE_POD}}}),
            *_in_every_list("securityContext.runAsNonRoot", False),
        ],
    ),
    "kubernetes-run-as-user": Cases(
        good=[deployment(), deployment(f"{SC}.runAsUser", 1.0), deployment(POD_SC, {})],
        bad=[
            deployment(f"{POD_SC}.runAsUser", 0),
            deployment(f"{POD_SC}.runAsUser", 0.0),
            deployment(f"{POD_SC}.runAsUser", "0"),
            *_in_every_list("securityContext.runAsUser", 0),
        ],
    ),
    "kubernetes-no-root-group": Cases(
        good=[deployment(), deployment(f"{POD_SC}.runAsGroup", 10001), deployment(f"{POD_SC}.supplementalGroups", [5])],
        bad=[
            deployment(f"{POD_SC}.runAsGroup", 0),
            deployment(f"{POD_SC}.runAsGroup", "0"),
            deployment(f"{POD_SC}.fsGroup", 0),
            deployment(f"{POD_SC}.supplementalGroups", [5, 0]),
            *_in_every_list("securityContext.runAsGroup", 0),
        ],
    ),
    "kubernetes-no-privilege-escalation": Cases(
        good=[deployment(), WINDOWS],
        bad=[
            deployment(f"{SC}.allowPrivilegeEscalation", REMOVED),
            deployment(f"{SC}.allowPrivilegeEscalation", "false"),
            deployment(SC, None),
            *_in_every_list("securityContext.allowPrivilegeEscalation", True),
        ],
    ),
    "kubernetes-not-privileged": Cases(
        good=[deployment(), deployment(f"{SC}.privileged", False)],
        bad=[deployment(f"{SC}.privileged", "yes"), *_in_every_list("securityContext.privileged", True)],
    ),
    "kubernetes-capabilities": Cases(
        good=[
            deployment(),
            WINDOWS,
            deployment(f"{SC}.capabilities", {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]}),
            deployment(f"{SC}.capabilities.drop", ["NET_RAW", "ALL"]),
        ],
        bad=[
            deployment(f"{SC}.capabilities", {"drop": ["all"]}),
            deployment(f"{SC}.capabilities", {"drop": "ALL"}),
            deployment(f"{SC}.capabilities", {"drop": ["ALL", None]}),
            deployment(f"{SC}.capabilities", {"drop": ["ALL"], "add": ["CHOWN"]}),
            deployment(f"{SC}.capabilities", {"drop": ["ALL"], "add": ["CAP_NET_BIND_SERVICE"]}),
            *_in_every_list("securityContext.capabilities", {"drop": ["NET_RAW"]}),
        ],
    ),
    "kubernetes-capabilities-baseline": Cases(
        good=[deployment(f"{SC}.capabilities", None), deployment(f"{SC}.capabilities", {"add": ["CHOWN"]})],
        bad=_in_every_list("securityContext.capabilities", {"add": ["SYS_ADMIN"]}),
    ),
    "kubernetes-seccomp": Cases(
        good=[
            deployment(),
            WINDOWS,
            deployment(f"{SC}.seccompProfile", {"type": "Localhost", "localhostProfile": "a.json"}),
        ],
        bad=[
            deployment(f"{POD_SC}.seccompProfile", REMOVED),
            deployment(f"{POD_SC}.seccompProfile", {}),
            deployment(f"{POD_SC}.seccompProfile.type", "Unconfined"),
            *_in_every_list("securityContext.seccompProfile", {"type": "Unconfined"}),
        ],
    ),
    "kubernetes-seccomp-baseline": Cases(
        good=[deployment(), deployment(POD_SC, None)],
        bad=[
            deployment(f"{POD_SC}.seccompProfile.type", "Unconfined"),
            *_in_every_list("securityContext.seccompProfile", {"type": "Unconfined"}),
        ],
    ),
    "kubernetes-no-host-namespaces": Cases(
        good=[deployment(), deployment("spec.hostNetwork", False)],
        bad=[
            deployment("spec.hostNetwork", True),
            deployment("spec.hostPID", True),
            deployment("spec.hostIPC", True),
            deployment("spec.hostIPC", "true"),
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
            for handler in (
                "livenessProbe",
                "readinessProbe",
                "startupProbe",
                "lifecycle.postStart",
                "lifecycle.preStop",
            )
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
        good=[deployment(), deployment(f"{SC}.procMount", "Default")],
        bad=_in_every_list("securityContext.procMount", "Unmasked"),
    ),
    "kubernetes-proc-mount-baseline": Cases(
        good=[
            deployment(),
            USER_NAMESPACE,
        ],
        bad=_in_every_list("securityContext.procMount", "Unmasked"),
    ),
    "kubernetes-selinux": Cases(
        good=[deployment(), deployment(f"{POD_SC}.seLinuxOptions", {"type": "container_engine_t", "level": "s0"})],
        bad=[
            deployment(f"{POD_SC}.seLinuxOptions", {"type": "spc_t"}),
            deployment(f"{POD_SC}.seLinuxOptions", {"user": "system_u"}),
            *_in_every_list("securityContext.seLinuxOptions", {"role": "sysadm_r"}),
        ],
    ),
    "kubernetes-app-armor": Cases(
        good=[
            deployment(),
            deployment(f"{SC}.appArmorProfile", {"type": "Localhost"}),
            deployment("metadata.annotations", {"container.apparmor.security.beta.kubernetes.io/app": "localhost/x"}),
        ],
        bad=[
            deployment(f"{POD_SC}.appArmorProfile", {"type": "Unconfined"}),
            deployment("metadata.annotations", {"container.apparmor.security.beta.kubernetes.io/app": "unconfined"}),
            *_in_every_list("securityContext.appArmorProfile", {}),
        ],
    ),
    "kubernetes-no-host-process": Cases(
        good=[deployment(), deployment(f"{POD_SC}.windowsOptions", {"hostProcess": False})],
        bad=[
            deployment(f"{POD_SC}.windowsOptions", {"hostProcess": True}),
            *_in_every_list("securityContext.windowsOptions", {"hostProcess": True}),
        ],
    ),
    "kubernetes-sysctls": Cases(
        good=[deployment(), deployment(f"{POD_SC}.sysctls", [{"name": "net.ipv4.tcp_rmem", "value": "1"}])],
        bad=[
            deployment(f"{POD_SC}.sysctls", [{"name": "kernel.msgmax", "value": "1"}]),
            deployment(f"{POD_SC}.sysctls", [{"value": "1"}]),
        ],
    ),
    "kubernetes-read-only-root": Cases(
        good=[deployment(), WINDOWS],
        bad=[
            deployment(f"{SC}.readOnlyRootFilesystem", REMOVED),
            *_in_every_list("securityContext.readOnlyRootFilesystem", False),
        ],
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

SOCKET_PATHS = ("/var/run/docker.sock", "/run/docker.sock", "//run/../run/docker.sock", "/", "/var/run/", "/run")
ROOT_SPELLINGS = ("", "root", "0", "0:1000", "root:app", "00", "+0", "-0", " 0 ", "0 :0", ":10001", "Root", "toor")
WINDOWS_TASK: dict[str, Any] = {"runtimePlatform": {"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"}}

ECS: dict[str, Cases] = {
    "ecs-non-root": Cases(
        good=[task(), task("user", "app"), task("user", "1"), task("user", REMOVED, **WINDOWS_TASK)],
        bad=[
            task("user", user)
            for user in (
                REMOVED,
                None,
                "",
                "root",
                "0",
                "0:1000",
                "root:app",
                "00",
                "+0",
                "-0",
                " 0 ",
                "0 :0",
                ":10001",
            )
        ]
        + [task("user", user) for user in ("Root", "toor", "-1", "99999999999", "two words", 10001, ["10001"])]
        + [
            Planned(TASK, {"containerDefinitions": [definition(), definition() | {"user": "0"}]}),
            Planned(TASK, {"containerDefinitions": []}),
            Planned(TASK, {}),
            Planned("aws-native:ecs:TaskDefinition", {"containerDefinitions": [{"name": "app"}]}),
        ],
    ),
    "ecs-not-privileged": Cases(
        good=[task(), task("privileged", False)], bad=[task("privileged", True), task("privileged", "true")]
    ),
    "ecs-no-added-capabilities": Cases(
        good=[task(), task("linuxParameters.capabilities.add", [])],
        bad=[task("linuxParameters.capabilities.add", ["SYS_PTRACE"])],
    ),
    "ecs-drop-capabilities": Cases(
        good=[task(), task("linuxParameters", REMOVED, **WINDOWS_TASK)],
        bad=[task("linuxParameters", REMOVED), task("linuxParameters.capabilities.drop", ["NET_RAW"])],
    ),
    "ecs-read-only-root": Cases(
        good=[task(), task("readonlyRootFilesystem", REMOVED, **WINDOWS_TASK)],
        bad=[task("readonlyRootFilesystem", value) for value in (REMOVED, False, None, "true")],
    ),
    "ecs-no-new-privileges": Cases(
        good=[task(), task("dockerSecurityOptions", ["no-new-privileges:true"])],
        bad=[
            task("dockerSecurityOptions", REMOVED),
            task("dockerSecurityOptions", ["no-new-privileges:false"]),
            task("dockerSecurityOptions", [], requiresCompatibilities=["EC2"]),
        ],
        foreign=[
            TOPIC,
            task("dockerSecurityOptions", REMOVED, requiresCompatibilities=["FARGATE"]),
            task("dockerSecurityOptions", REMOVED, **WINDOWS_TASK),
        ],
    ),
    "ecs-confined": Cases(
        good=[task(), task("dockerSecurityOptions", ["apparmor:strict"])],
        bad=[
            task("dockerSecurityOptions", [option])
            for option in ("seccomp=unconfined", "apparmor:unconfined", "label:disable", "no-new-privileges:false")
        ],
    ),
    "ecs-no-host-devices": Cases(
        good=[task(), task("linuxParameters.devices", [])],
        bad=[task("linuxParameters.devices", [{"hostPath": "/dev/sda", "permissions": ["read"]}])],
    ),
    "ecs-no-plain-secrets": Cases(
        good=[task(), task("environment", [{"name": "TOKEN_URL", "value": "x"}, {"name": "DB_HOST", "value": "y"}])],
        bad=[
            task("environment", [{"name": name, "value": "hunter2"}])
            for name in ("DB_PASSWORD", "password", "AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "API_KEY", "X_TOKEN")
        ],
    ),
    "ecs-log-configuration": Cases(
        good=[task()], bad=[task("logConfiguration", REMOVED), task("logConfiguration", {"options": {}})]
    ),
}
for _cases in ECS.values():
    # Either way of writing the containers gets the same verdict.
    _cases.good += [as_json(one) for one in _cases.good if one.type == TASK]
    _cases.bad += [as_json(one) for one in _cases.bad if one.inputs.get("containerDefinitions") and one.type == TASK]
    _cases.bad += [
        Planned(TASK, {"containerDefinitions": text})
        for text in ("not JSON", "{}", "null", "[]", '[{"name": "a", "user": "1", "User": "0"}]', '["app"]')
    ]
ECS |= {
    "ecs-windows-non-administrator": Cases(
        good=[task("user", "ContainerUser", **WINDOWS_TASK)],
        bad=[
            task("user", user, **WINDOWS_TASK)
            for user in (REMOVED, "ContainerAdministrator", r"NT AUTHORITY\SYSTEM", "0")
        ],
        foreign=[TOPIC, task("user", REMOVED)],
    ),
    "ecs-nothing-opaque": Cases(
        good=[
            Planned("aws-native:cloudformation:Stack", {"templateBody": {"Resources": {}}}),
            Planned(STACK, {"templateBody": "{}"}),
            Planned(STACK, {"templateBody": "Resources: {}"}),
        ],
        bad=[
            Planned(STACK, {"templateUrl": "https://example.com/template"}),
            Planned(STACK, {"templateBody": "a: ["}),
            Planned(STACK, {}),
        ],
        foreign=[TOPIC, task()],
    ),
    "ecs-no-host-namespaces": Cases(
        good=[task(), task(pidMode="task", ipcMode="none")],
        bad=[task(pidMode="host"), task(ipcMode="host"), task(networkMode="host")],
    ),
    "ecs-no-runtime-socket": Cases(
        good=[task(), task(volumes=[{"name": "data", "hostPath": "/srv/data"}, {"name": "tmp"}])],
        bad=[
            task(volumes=[{"name": "tmp"}, {"name": "v", "hostPath": path}])
            for path in (
                "/var/run/docker.sock",
                "/run/docker.sock",
                "//run/../run/docker.sock",
                "/",
                "/var/run/",
                "/run",
            )
        ]
        + [
            task(volumes=[{"name": "v", "host": {"sourcePath": "/run/containerd/containerd.sock"}}]),
            task(
                volumes=[{"name": "v", "dockerVolumeConfiguration": {"driverOpts": {"device": "/var/run/docker.sock"}}}]
            ),
        ],
    ),
}

DOCKER: dict[str, Cases] = {
    "docker-non-root": Cases(
        good=[docker(), docker("user", "app:app"), swarm()],
        bad=[
            docker("user", REMOVED),
            docker("user", "0"),
            swarm("taskSpec.containerSpec.user", "root"),
            Planned(SERVICE),
        ],
    ),
    "docker-not-privileged": Cases(
        good=[docker(), docker("privileged", False)], bad=[docker("privileged", True)], foreign=[TOPIC, swarm()]
    ),
    "docker-no-host-devices": Cases(
        good=[docker(), docker("devices", [])],
        bad=[docker("devices", [{"hostPath": "/dev/sda"}])],
        foreign=[TOPIC, swarm()],
    ),
    "docker-no-added-capabilities": Cases(
        good=[docker(), swarm()],
        bad=[docker("capabilities.adds", ["SYS_ADMIN"]), swarm("taskSpec.containerSpec.capAdds", ["SYS_ADMIN"])],
    ),
    "docker-no-host-namespaces": Cases(
        good=[docker(), docker("networkMode", "bridge"), swarm()],
        bad=[
            *(docker(key, "host") for key in ("networkMode", "pidMode", "ipcMode", "usernsMode", "cgroupnsMode")),
            swarm("taskSpec.networksAdvanceds", [{"name": "host"}]),
        ],
    ),
    "docker-no-runtime-socket": Cases(
        good=[
            docker(),
            docker("mounts", [{"type": "volume", "source": "data", "target": "/data"}]),
            swarm(),
            Planned(VOLUME, {"driverOpts": {"type": "nfs", "device": ":/data"}}),
        ],
        bad=[
            docker("volumes[0].hostPath", "/var/run/docker.sock"),
            docker("mounts", [{"type": "bind", "source": "/run/docker.sock", "target": "/s"}]),
            swarm("taskSpec.containerSpec.mounts", [{"type": "bind", "source": "/var/run", "target": "/s"}]),
            Planned(VOLUME, {"driverOpts": {"type": "none", "o": "bind", "device": "/run/docker.sock"}}),
        ],
    ),
    "docker-confined": Cases(
        good=[docker(), docker("securityOpts", ["no-new-privileges"]), swarm()],
        bad=[
            docker("securityOpts", ["seccomp=unconfined"]),
            docker("securityOpts", ["apparmor:unconfined"]),
            swarm("taskSpec.containerSpec.privileges.seLinuxContext", {"disable": True}),
            swarm("taskSpec.containerSpec.privileges.seLinuxContext", {"type": "spc_t"}),
        ],
    ),
    "docker-image-non-root": Cases(
        good=[
            image("FROM python:3.12\nUSER 10001"),
            image("FROM a AS build\nUSER root\nFROM scratch\nUSER 10001:10001"),
            image("FROM a\nARG UID\nUSER ${UID}", buildArgs={"UID": "10001"}),
        ],
        bad=[
            image("FROM python:3.12"),
            image("FROM a\nUSER root"),
            image("FROM a\nARG UID=10001\nUSER ${UID}", buildArgs={"UID": "0"}),
            image("FROM a AS one\nUSER root\nFROM b\nUSER 1", target="one"),
            image("FROM a\nUSER 1", target="missing"),
            Planned(IMAGE, {"dockerfile": {"location": "missing/Dockerfile"}}),
            Planned(IMAGE, {"context": {"location": "https://example.com/it.git"}}),
            Planned("docker:index/image:Image", {"build": {"context": "missing"}}),
            Planned("docker:index/image:Image", {}),
        ],
    ),
}

CASES: dict[str, Cases] = AWS | WORKLOADS | KUBERNETES | ECS | DOCKER
