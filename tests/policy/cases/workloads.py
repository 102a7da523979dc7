"""The cases of the rules on what else runs code, and on what it runs beside."""

from __future__ import annotations

import base64
from dataclasses import replace

from ..support import Planned
from ..table import Cases, each_of

KEY = "aws:kms/key:Key"
ACCESS_POINT = "aws:efs/accessPoint:AccessPoint"
BUILD = "aws:codebuild/project:Project"
MACHINE = "aws:ec2/instance:Instance"
FUNCTION = "aws:lambda/function:Function"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
NAMESPACE = "kubernetes:core/v1:Namespace"
BINDING = "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding"
PUSHED = "docker:index/registryImage:RegistryImage"
GCP = "gcp:compute/instance:Instance"
CERTIFICATE = "aws:acm/certificate:Certificate"

ELSEWHERE = (
    "aws-native:apprunner:Service",
    "azure-native:containerinstance:ContainerGroup",
    "azure-native:app/v20240301:ContainerApp",
    "command:remote:Command",
    "docker:index/plugin:Plugin",
    "gcp:cloudrunv2/job:Job",
    "kubernetes:argoproj.io/v1alpha1:Application",
    "kubernetes:helm.cattle.io/v1:HelmChart",
    "kubernetes:helm.toolkit.fluxcd.io/v2beta2:HelmRelease",
    "kubernetes:kustomize.toolkit.fluxcd.io/v1:KustomizationPatch",
)

RUNNER = Planned("aws:apprunner/service:Service")
SCRIPT = "#!/bin/sh\ndocker run -d --privileged example/agent\n"


def _enforces(level: str) -> Planned:
    return Planned(NAMESPACE, {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": level}}})


def _script(text: str) -> Planned:
    return Planned(TEMPLATE, {"userData": base64.b64encode(text.encode()).decode()})


WORKLOADS: dict[str, Cases] = {
    "aws-efs-encrypted": Cases(
        good=[Planned("aws:efs/fileSystem:FileSystem", {"encrypted": True})],
        bad=[Planned("aws:efs/fileSystem:FileSystem"), Planned("aws:efs/fileSystem:FileSystem", {"encrypted": False})],
    ),
    "aws-ebs-encrypted": Cases(
        good=[Planned("aws:ebs/volume:Volume", {"encrypted": True})],
        bad=[Planned("aws:ebs/volume:Volume"), Planned("aws:ebs/volume:Volume", {"encrypted": False})],
    ),
    "aws-kms-rotation": Cases(
        good=[Planned(KEY, {"enableKeyRotation": True})],
        bad=[Planned(KEY), Planned(KEY, {"enableKeyRotation": False, "customerMasterKeySpec": "SYMMETRIC_DEFAULT"})],
        foreign=[Planned(KEY, {"customerMasterKeySpec": "RSA_4096"}), Planned(KEY, {"customKeyStoreId": "cks-1"})],
    ),
    "aws-codebuild-not-privileged": Cases(
        good=each_of(BUILD, {"environment": {"image": "a"}}, {"environment": {"privilegedMode": False}}),
        bad=[Planned(BUILD, {"environment": {"privilegedMode": True}})],
    ),
    "aws-certificate-renews": Cases(
        good=each_of(CERTIFICATE, {"validationMethod": "DNS"}, {"certificateAuthorityArn": "a"}),
        bad=[Planned(CERTIFICATE, {"validationMethod": "EMAIL"}), Planned(CERTIFICATE, {"privateKey": "hunter2"})],
    ),
    "ecs-no-exec": Cases(
        good=[Planned("aws:ecs/service:Service"), Planned("aws:ecs/service:Service", {"enableExecuteCommand": False})],
        bad=[
            Planned("aws:ecs/service:Service", {"enableExecuteCommand": True}),
            Planned("aws-native:ecs:Service", {"enableExecuteCommand": True}),
            Planned("aws:ecs/daemon:Daemon", {"enableExecuteCommand": True}),
            Planned("aws:cloudwatch/eventTarget:EventTarget", {"ecsTarget": {"enableExecuteCommand": True}}),
            Planned("aws:scheduler/schedule:Schedule", {"target": {"ecsParameters": {"enableExecuteCommand": True}}}),
            Planned("aws:pipes/pipe:Pipe", {"targetParameters": {"ecsTaskParameters": {"enableExecuteCommand": True}}}),
        ],
    ),
    "aws-efs-user": Cases(
        good=[Planned(ACCESS_POINT, {"posixUser": {"uid": 10001, "gid": 10001}})],
        bad=[
            Planned(ACCESS_POINT),
            Planned(ACCESS_POINT, {"posixUser": {"uid": 0, "gid": 10001}}),
            Planned(ACCESS_POINT, {"posixUser": {"uid": 10001, "gid": 0}}),
        ],
    ),
    "aws-instance-no-public-ip": Cases(
        good=[Planned(MACHINE), Planned(MACHINE, {"associatePublicIpAddress": False})],
        bad=[Planned(MACHINE, {"associatePublicIpAddress": True})],
    ),
    "kubernetes-no-cluster-admin": Cases(
        good=[Planned(BINDING, {"roleRef": {"kind": "ClusterRole", "name": "view"}})],
        bad=[
            Planned(BINDING, {"roleRef": {"kind": "ClusterRole", "name": "cluster-admin"}}),
            Planned(BINDING.replace(":ClusterRole", ":Role"), {"roleRef": {"name": "cluster-admin"}}),
        ],
    ),
    "kubernetes-namespace-not-privileged": Cases(
        good=[Planned(NAMESPACE, {"metadata": {"name": "a"}}), _enforces("restricted")], bad=[_enforces("privileged")]
    ),
    "pack-nothing-unjudged": Cases(
        good=[
            replace(RUNNER, name="second", beside=(replace(RUNNER, name="first"),)),
            _script("#!/bin/sh\necho ECS_CLUSTER=it >> /etc/ecs/ecs.config\n"),
            Planned(MACHINE, {"userData": "#!/bin/sh\nyum update -y\n"}),
            Planned(FUNCTION, {"runtime": "python3.13"}),
            Planned(
                FUNCTION,
                {"packageType": "Image", "imageUri": "example/app:1"},
                beside=(Planned("docker:index/image:Image", {"imageName": "example/app:1"}),),
            ),
            Planned(PUSHED, {"name": "example/app:1"}),
            Planned(GCP, {"metadata": {"startup-script": "#!/bin/sh\napt-get update\n"}}),
            Planned("azure-native:compute/v20240301:VirtualMachine", {"osProfile": {"computerName": "it"}}),
        ],
        bad=[
            RUNNER,
            replace(RUNNER, beside=(replace(RUNNER, name="later"),)),
            _script(SCRIPT),
            Planned(MACHINE, {"userData": SCRIPT}),
            Planned(FUNCTION, {"packageType": "Image", "imageUri": "example/app:1"}),
            Planned("aws-native:lambda:Function", {"packageType": "Image", "code": {"imageUri": "example/app:1"}}),
            Planned(PUSHED, {"name": "example/app:1", "build": {"context": "."}}),
            Planned(
                GCP, {"metadata": {"gce-container-declaration": "spec:\n  containers:\n  - image: example/app:1\n"}}
            ),
            Planned(GCP, {"metadataStartupScript": SCRIPT}),
            Planned("azure-native:compute:VirtualMachine", {"osProfile": {"customData": SCRIPT}}),
            *map(Planned, ELSEWHERE),
        ],
    ),
}
