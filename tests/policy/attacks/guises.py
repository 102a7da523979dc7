"""The same definitions by other names: Batch jobs, Cloud Control, templates, bridged Terraform providers."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from policy.rules.values import UNKNOWN

from ..cases.ecs import definition
from ..cases.kubernetes import container, pod
from ..support import REMOVED, Inputs, Planned, edited
from .attack import Attack, Harmless

Make = Callable[[Inputs], Inputs]

_OPAQUE: Final = "ecs-nothing-opaque"
_BREACHES: Final[tuple[tuple[str, str, Any], ...]] = (
    ("ecs-non-root", "user", REMOVED),
    ("ecs-non-root", "user", "0"),
    ("ecs-not-privileged", "privileged", True),
    ("ecs-no-host-devices", "linuxParameters.devices", [{"hostPath": "/dev/sda"}]),
    ("ecs-no-plain-secrets", "environment", [{"name": "DB_PASSWORD", "value": "x"}]),
)
_SOCKET: Final = [{"name": "v", "host": {"sourcePath": "/run/docker.sock"}}]


def _capitals(value: Any) -> Any:
    """Return keys as CloudFormation has them."""
    if isinstance(value, dict):
        return {key[0].upper() + key[1:]: _capitals(member) for key, member in value.items()}
    return [_capitals(item) for item in value] if isinstance(value, list) else value


# ECS


def _task(path: str, value: Any) -> Inputs:
    return {"family": "it", "networkMode": "awsvpc", "containerDefinitions": [edited(definition(), path, value)]}


def _with_text(inputs: Inputs) -> Inputs:
    return inputs | {"containerDefinitions": json.dumps(inputs["containerDefinitions"])}


def _template(kind: str, properties: Inputs) -> Inputs:
    return {"Resources": {"It": {"Type": kind, "Properties": _capitals(properties)}}}


_ECS: Final[dict[str, Make]] = {
    "aws:index/ecsTaskDefinition:EcsTaskDefinition": _with_text,
    "awscc:index/ecsTaskDefinition:EcsTaskDefinition": lambda one: one,
    "aws-native:ecs:TaskDefinition": _capitals,
    "aws:cloudcontrol/resource:Resource": lambda one: {
        "typeName": "AWS::ECS::TaskDefinition",
        "desiredState": json.dumps(_capitals(one)),
    },
    "aws:index/cloudcontrolapiResource:CloudcontrolapiResource": lambda one: {
        "typeName": "AWS::ECS::TaskDefinition",
        "desiredState": json.dumps(_capitals(one)),
    },
    "aws-native:index:ExtensionResource": lambda one: {
        "type": "AWS::ECS::TaskDefinition",
        "properties": _capitals(one),
    },
    "aws:cloudformation/stack:Stack": lambda one: {
        "templateBody": json.dumps(_template("AWS::ECS::TaskDefinition", one))
    },
    "aws:cloudformation/stackSet:StackSet": lambda one: {
        "templateBody": json.dumps(_template("AWS::ECS::TaskDefinition", one))
    },
    "aws-native:cloudformation:Stack": lambda one: {"templateBody": _template("AWS::ECS::TaskDefinition", one)},
    "aws-native:cloudformation:StackSet": lambda one: {
        "templateBody": json.dumps(_template("AWS::ECS::TaskDefinition", one))
    },
    "aws:index/cloudformationStack:CloudformationStack": lambda one: {
        "templateBody": json.dumps(
            {
                "Resources": {
                    "Set": {
                        "Type": "AWS::CloudFormation::StackSet",
                        "Properties": {"TemplateBody": json.dumps(_template("AWS::ECS::TaskDefinition", one))},
                    }
                }
            }
        )
    },
}

# Batch

_JOB: Final = "aws:batch/jobDefinition:JobDefinition"
_NATIVE_JOB: Final = "aws-native:batch:JobDefinition"


def _properties(path: str, value: Any) -> Inputs:
    good = {key: value for key, value in definition().items() if key != "dockerSecurityOptions"}
    return edited(good, path, value)


def _pod_properties(path: str = "hostNetwork", value: Any = False) -> Inputs:
    context = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    one = container("app")
    spec = {"hostNetwork": False, "containers": [one | {"securityContext": one["securityContext"] | context}]}
    return edited({"podProperties": spec}, f"podProperties.{path}", value)


_JOBS: Final[dict[str, tuple[str, Make]]] = {
    "containers": (_JOB, lambda one: {"type": "container", "containerProperties": json.dumps(one)}),
    "native": (_NATIVE_JOB, lambda one: {"type": "container", "containerProperties": one}),
    "nodes": (
        _JOB,
        lambda one: {"nodeProperties": json.dumps({"nodeRangeProperties": [{"targetNodes": "0:", "container": one}]})},
    ),
    "tasks": (_JOB, lambda one: {"ecsProperties": json.dumps({"taskProperties": [{"containers": [one]}]})}),
    "bridged": (
        "aws:index/batchJobDefinition:BatchJobDefinition",
        lambda one: {"containerProperties": json.dumps(one)},
    ),
    "template": (
        "aws:cloudformation/stack:Stack",
        lambda one: {"templateBody": json.dumps(_template("AWS::Batch::JobDefinition", {"containerProperties": one}))},
    ),
}
_EKS: Final[dict[str, tuple[str, Make]]] = {
    "pods": (_JOB, lambda one: {"eksProperties": one}),
    "native pods": (_NATIVE_JOB, lambda one: {"eksProperties": one}),
    "nodes of pods": (
        _NATIVE_JOB,
        lambda one: {"nodeProperties": {"nodeRangeProperties": [{"targetNodes": "0:", "eksProperties": one}]}},
    ),
    "pods of a template": (
        "aws:cloudformation/stack:Stack",
        lambda one: {"templateBody": json.dumps(_template("AWS::Batch::JobDefinition", {"eksProperties": one}))},
    ),
}
_POD_BREACHES: Final[tuple[tuple[str, str, Any], ...]] = (
    ("kubernetes-run-as-non-root", "containers[0].securityContext.runAsNonRoot", REMOVED),
    ("kubernetes-run-as-user", "containers[0].securityContext.runAsUser", 0),
    ("kubernetes-not-privileged", "containers[0].securityContext.privileged", True),
    ("kubernetes-no-host-namespaces", "hostNetwork", REMOVED),
    ("kubernetes-volume-types", "volumes", [{"name": "v", "hostPath": {"path": "/"}}]),
)

# Terraform's Kubernetes provider

_BRIDGED: Final[dict[str, Make]] = {
    "kubernetes:index/podV1:PodV1": lambda one: one,
    "kubernetes:index/deployment:Deployment": lambda one: {"spec": {"template": one}},
    "kubernetes:index/deploymentV1:DeploymentV1": lambda one: {"spec": {"template": one}},
    "kubernetes:index/daemonSetV1:DaemonSetV1": lambda one: {"specs": [{"templates": [one]}]},
    "kubernetes:index/daemonset:Daemonset": lambda one: {"spec": {"template": one}},
    "kubernetes:index/statefulSetV1:StatefulSetV1": lambda one: {"spec": {"template": one}},
    "kubernetes:index/jobV1:JobV1": lambda one: {"spec": {"template": one}},
    "kubernetes:index/cronJobV1:CronJobV1": lambda one: {"spec": {"jobTemplate": {"spec": {"template": one}}}},
    "kubernetes:index/replicationControllerV1:ReplicationControllerV1": lambda one: {"spec": {"template": one}},
    "kubernetes:index/manifest:Manifest": lambda one: {
        "manifest": {"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"template": one}}
    },
}
_BRIDGED_BREACHES: Final[tuple[tuple[str, str, Any], ...]] = (
    ("kubernetes-run-as-non-root", "spec.securityContext.runAsNonRoot", REMOVED),
    ("kubernetes-run-as-user", "spec.securityContext.runAsUser", "0"),
    ("kubernetes-not-privileged", "spec.containers[1].securityContext.privileged", True),
    ("kubernetes-no-host-namespaces", "spec.hostNetwork", True),
)

# Templates

_YAML: Final = """
AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  User: {Type: String, Default: "10001"}
Resources:
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Family: !Sub "${AWS::StackName}-it"
      ContainerDefinitions:
        - Name: app
          Image: !Ref Image
          User: "10001"
          ReadonlyRootFilesystem: true
          DockerSecurityOptions: [no-new-privileges]
          LinuxParameters: {Capabilities: {Drop: [ALL]}}
          LogConfiguration: {LogDriver: awslogs}
  Bucket:
    Type: AWS::S3::Bucket
    Properties: {BucketName: !Join ["-", [a, b]]}
"""


def _stack(text: Any) -> Planned:
    return Planned("aws:cloudformation/stack:Stack", {"templateBody": text})


def _replaced(old: str, new: str) -> Planned:
    assert old in _YAML
    return _stack(_YAML.replace(old, new))


_USER: Final = 'User: "10001"\n'
_TEMPLATES: Final[tuple[tuple[str, str, Planned], ...]] = (
    ("YAML as root", "ecs-non-root", _replaced(_USER, 'User: "0"\n')),
    ("YAML without a user", "ecs-non-root", _replaced(_USER, "Essential: true\n")),
    ("a reference", "ecs-non-root", _replaced(_USER, "User: !Ref User\n")),
    ("a choice", "ecs-non-root", _replaced(_USER, "User: !If [Test, '0', '10001']\n")),
    ("a long function", "ecs-non-root", _replaced(_USER, "User: {'Fn::Sub': '${User}'}\n")),
    ("nothing at all", "ecs-non-root", _replaced(_USER, "User: !Ref AWS::NoValue\n")),
    (
        "a function in place of an object",
        "ecs-no-host-devices",
        _replaced("{Capabilities: {Drop: [ALL]}}", "!FindInMap [a, b, c]"),
    ),
    (
        "a function in place of containers",
        "ecs-non-root",
        _replaced("Name: app", "Fn::Transform: {Name: AWS::Include}"),
    ),
    ("a key twice", _OPAQUE, _replaced(_USER, _USER + '          User: "0"\n')),
    ("a merge", _OPAQUE, _replaced(_USER, _USER + "          <<: {Privileged: true}\n")),
    ("a macro", _OPAQUE, _replaced("\nParameters:", "\nTransform: MakeRoot\nParameters:")),
    (
        "a macro among others",
        _OPAQUE,
        _replaced("\nParameters:", "\nTransform: [AWS::LanguageExtensions, AWS::Include]\nParameters:"),
    ),
    ("a loop", _OPAQUE, _replaced("  Bucket:\n", "  Fn::ForEach::All: [X, [a], {}]\n  Bucket:\n")),
    ("a module", _OPAQUE, _replaced("AWS::S3::Bucket", "My::Ecs::Task::MODULE")),
    ("Kubernetes by a third party", _OPAQUE, _replaced("AWS::S3::Bucket", "AWSQS::Kubernetes::Helm")),
    (
        "a stack elsewhere",
        _OPAQUE,
        _replaced(
            "AWS::S3::Bucket\n    Properties: {", "AWS::CloudFormation::Stack\n    Properties: {TemplateURL: x, "
        ),
    ),
    ("a type that is a function", _OPAQUE, _replaced("AWS::S3::Bucket", "!Ref Type")),
    ("no template", _OPAQUE, _stack("a: [")),
    ("no text", _OPAQUE, _stack(None)),
    (
        "JSON with a key twice",
        _OPAQUE,
        _stack('{"Resources": {}, "Resources": {"A": {"Type": "AWS::ECS::TaskDefinition"}}}'),
    ),
    ("a template that is unknown", _OPAQUE, _stack(UNKNOWN)),
    (
        "a template elsewhere beside one to look at",
        _OPAQUE,
        Planned("aws:cloudformation/stack:Stack", {"templateBody": _YAML, "templateUrl": "https://example.com/t"}),
    ),
    (
        "a template elsewhere",
        _OPAQUE,
        Planned("aws:cloudformation/stack:Stack", {"templateUrl": "https://example.com/t"}),
    ),
    (
        "a set elsewhere",
        _OPAQUE,
        Planned("aws-native:cloudformation:StackSet", {"templateURL": "https://example.com/t"}),
    ),
    (
        "an unknown type",
        _OPAQUE,
        Planned("aws:cloudcontrol/resource:Resource", {"typeName": UNKNOWN, "desiredState": "{}"}),
    ),
    (
        "an unknown state",
        _OPAQUE,
        Planned(
            "aws:cloudcontrol/resource:Resource", {"typeName": "AWS::ECS::TaskDefinition", "desiredState": UNKNOWN}
        ),
    ),
    ("no state", _OPAQUE, Planned("aws-native:index:ExtensionResource", {"type": "AWS::Batch::JobDefinition"})),
    (
        "a state with a key twice",
        _OPAQUE,
        Planned(
            "aws:cloudcontrol/resource:Resource",
            {
                "typeName": "AWS::ECS::TaskDefinition",
                "desiredState": '{"ContainerDefinitions": [], "ContainerDefinitions": []}',
            },
        ),
    ),
    ("a job that is unknown", "ecs-non-root", Planned(_JOB, {"containerProperties": UNKNOWN})),
    ("nodes that are unknown", "kubernetes-run-as-non-root", Planned(_JOB, {"nodeProperties": UNKNOWN})),
    (
        "two names of one thing",
        "kubernetes-run-as-user",
        Planned("kubernetes:index/podV1:PodV1", {"spec": pod()["spec"] | {"container": []}}),
    ),
)

ATTACKS: Final = [
    *(
        Attack(f"{token}: {path} {value}", rule, Planned(token, made(_task(path, value))))
        for token, made in _ECS.items()
        for rule, path, value in _BREACHES
    ),
    *(
        Attack(
            f"{token}: a socket",
            "ecs-no-runtime-socket",
            Planned(token, made(_task("name", "a") | {"volumes": _SOCKET})),
        )
        for token, made in _ECS.items()
    ),
    *(
        Attack(
            f"{token}: the host's processes",
            "ecs-no-host-namespaces",
            Planned(token, made(_task("name", "a") | {"pidMode": "host"})),
        )
        for token, made in _ECS.items()
    ),
    *(
        Attack(f"a job, {kind}: {path} {value}", rule, Planned(token, made(_properties(path, value))))
        for kind, (token, made) in _JOBS.items()
        for rule, path, value in _BREACHES
    ),
    Attack(
        "a job's socket",
        "ecs-no-runtime-socket",
        Planned(_NATIVE_JOB, {"containerProperties": _properties("volumes", _SOCKET)}),
    ),
    *(
        Attack(f"a job, {kind}: {path}", rule, Planned(token, made(_pod_properties(path, value))))
        for kind, (token, made) in _EKS.items()
        for rule, path, value in _POD_BREACHES
    ),
    *(
        Attack(f"{token}: {path}", rule, Planned(token, made(edited(pod(), path, value))))
        for token, made in _BRIDGED.items()
        for rule, path, value in _BRIDGED_BREACHES
    ),
    *(
        Attack(f"{token}: Terraform's {name}", rule, Planned(token, _BRIDGED[token](edited(pod(), path, value))))
        for token in ("kubernetes:index/podV1:PodV1", "kubernetes:index/deploymentV1:DeploymentV1")
        for name, rule, path, value in (
            ("hostPid", "kubernetes-no-host-namespaces", "spec.hostPid", True),
            ("adds", "kubernetes-capabilities", "spec.containers[0].securityContext.capabilities.adds", ["SYS_ADMIN"]),
            ("list", "kubernetes-run-as-user", "spec.securityContext", [{"runAsNonRoot": True, "runAsUser": "0"}]),
            ("volume", "kubernetes-volume-types", "spec.volumes", [{"name": "v", "hostPaths": [{"path": "/"}]}]),
        )
    ),
    *(Attack(name, rule, resource) for name, rule, resource in _TEMPLATES),
]

HARMLESS: Final = [
    *(Harmless(f"a good {token}", Planned(token, made(_task("name", "a")))) for token, made in _ECS.items()),
    *(
        Harmless(f"a good job, {kind}", Planned(token, made(_properties("name", "a"))))
        for kind, (token, made) in _JOBS.items()
    ),
    *(Harmless(f"a good job, {kind}", Planned(token, made(_pod_properties()))) for kind, (token, made) in _EKS.items()),
    *(Harmless(f"a good {token}", Planned(token, made(pod()))) for token, made in _BRIDGED.items()),
    Harmless("YAML", _stack(_YAML)),
    Harmless("a template without containers", _stack(json.dumps({"Resources": {"B": {"Type": "AWS::S3::Bucket"}}}))),
    Harmless("known macros", _replaced("\nParameters:", "\nTransform: [AWS::LanguageExtensions]\nParameters:")),
    Harmless(
        "another type",
        Planned("aws:cloudcontrol/resource:Resource", {"typeName": "AWS::S3::Bucket", "desiredState": UNKNOWN}),
    ),
    Harmless(
        "Terraform's numbers",
        Planned("kubernetes:index/podV1:PodV1", edited(pod(), "spec.securityContext.runAsUser", "10001")),
    ),
    Harmless("no workload", Planned("kubernetes:index/serviceV1:ServiceV1", {"spec": {"ports": [{"port": 80}]}})),
    Harmless(
        "a template that was reviewed",
        Planned("aws:cloudformation/stack:Stack", {"templateUrl": "https://example.com/t"}, name="it"),
        {_OPAQUE: {"reviewed": ["it"]}},
    ),
]
