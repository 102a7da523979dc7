"""Every type of resource, of the providers in use, that runs code, and what this pack makes of it.

A test holds it to the providers' own lists: a type whose inputs name images, scripts or user data has to be here.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

JUDGED: Final = {
    "aws:batch/jobDefinition:JobDefinition": "judged by its containers",
    "aws:codebuild/project:Project": "judged: privileged mode",
    "aws:ecs/taskDefinition:TaskDefinition": "judged by its containers",
    "aws:efs/accessPoint:AccessPoint": "runs nothing; judged: uid 0 for whoever mounts it",
    "aws:elasticbeanstalk/environment:Environment": "its bundle is judged, and named where it is not",
    "aws:eks/cluster:Cluster": "runs no code of its own; its pods are judged",
    "docker:index/container:Container": "judged",
    "docker:index/image:Image": "judged by its Dockerfile",
    "docker:index/registryImage:RegistryImage": "pushes an image; named where it has the `build` of older providers",
    "docker:index/remoteImage:RemoteImage": "judged by its Dockerfile, if it builds one",
    "docker:index/service:Service": "judged",
    "docker-build:index:Image": "judged by its Dockerfile",
    "eks:index:Cluster": "runs no code of its own; its pods are judged",
    "eks:index:ManagedNodeGroup": "runs nodes; its pods are judged",
    "eks:index:NodeGroup": "runs nodes; its pods are judged",
    "eks:index:NodeGroupV2": "runs nodes; its pods are judged",
}
"""What is judged where it has something to judge, by type token."""

MACHINES: Final = {
    "aws:ec2/instance:Instance": ("userData", "userDataBase64"),
    "aws:ec2/launchConfiguration:LaunchConfiguration": ("userData", "userDataBase64"),
    "aws:ec2/launchTemplate:LaunchTemplate": ("userData",),
    "aws:ec2/spotInstanceRequest:SpotInstanceRequest": ("userData", "userDataBase64"),
    "aws:lightsail/instance:Instance": ("userData",),
    "azure:compute/linuxVirtualMachine:LinuxVirtualMachine": ("customData", "userData"),
    "azure-native:compute:VirtualMachine": ("osProfile.customData", "userData"),
    **dict.fromkeys(
        (
            "gcp:compute/instance:Instance",
            "gcp:compute/instanceTemplate:InstanceTemplate",
            "gcp:compute/regionInstanceTemplate:RegionInstanceTemplate",
        ),
        (
            "metadataStartupScript",
            "metadata.startup-script",
            "metadata.user-data",
            "metadata.gce-container-declaration",
        ),
    ),
}
"""Machines, with the places in their inputs that hold what they run at their start."""

UNJUDGED: Final = frozenset(
    {
        "aws:amplify/app:App",
        "aws:apprunner/service:Service",
        "aws:bedrock/agentcoreAgentRuntime:AgentcoreAgentRuntime",
        "aws:cloud9/environmentEC2:EnvironmentEC2",
        "aws:ecs/daemonTaskDefinition:DaemonTaskDefinition",
        "aws:ecs/expressGatewayService:ExpressGatewayService",
        "aws:emr/cluster:Cluster",
        "aws:emrcontainers/jobTemplate:JobTemplate",
        "aws:emrcontainers/virtualCluster:VirtualCluster",
        "aws:emrserverless/application:Application",
        "aws:finspace/kxCluster:KxCluster",
        "aws:gamelift/build:Build",
        "aws:gamelift/fleet:Fleet",
        "aws:gamelift/script:Script",
        "aws:glue/job:Job",
        "aws:imagebuilder/containerRecipe:ContainerRecipe",
        "aws:imagebuilder/image:Image",
        "aws:imagebuilder/imagePipeline:ImagePipeline",
        "aws:imagebuilder/imageRecipe:ImageRecipe",
        "aws:kinesisanalyticsv2/application:Application",
        "aws:lightsail/containerServiceDeploymentVersion:ContainerServiceDeploymentVersion",
        "aws:m2/application:Application",
        "aws:mwaa/environment:Environment",
        "aws:sagemaker/appImageConfig:AppImageConfig",
        "aws:sagemaker/image:Image",
        "aws:sagemaker/imageVersion:ImageVersion",
        "aws:sagemaker/model:Model",
        "aws:sagemaker/notebookInstance:NotebookInstance",
        "aws:ssm/association:Association",
        "aws:ssm/document:Document",
        "aws:synthetics/canary:Canary",
        "azure:appservice/linuxWebApp:LinuxWebApp",
        "azure:containerapp/app:App",
        "azure:containerapp/job:Job",
        "azure:containerservice/group:Group",
        "azure-native:app:ContainerApp",
        "azure-native:app:Job",
        "azure-native:containerinstance:ContainerGroup",
        "azure-native:containerinstance:ContainerGroupProfile",
        "azure-native:web:WebApp",
        "azure-native:web:WebAppSlot",
        "command:local:Command",
        "command:local:run",
        "command:remote:Command",
        "docker:index/plugin:Plugin",
        "gcp:cloudrun/service:Service",
        "gcp:cloudrunv2/job:Job",
        "gcp:cloudrunv2/service:Service",
        "gcp:cloudrunv2/workerPool:WorkerPool",
        # What a controller in the cluster fetches and installs.
        "kubernetes:argoproj.io:Application",
        "kubernetes:argoproj.io:ApplicationSet",
        "kubernetes:fleet.cattle.io:GitRepo",
        "kubernetes:helm.cattle.io:HelmChart",
        "kubernetes:helm.cattle.io:HelmChartConfig",
        "kubernetes:helm.toolkit.fluxcd.io:HelmRelease",
        "kubernetes:kustomize.toolkit.fluxcd.io:Kustomization",
    }
)
"""What runs code that no rule of this pack looks at; `known_as` gives a token its name here."""

IMAGES_ONLY: Final = "aws:lambda/function:Function"
"""Runs in AWS's own sandbox; of an image that the stack does not build, what it holds is not seen."""

BUILT: Final = "docker:index/registryImage:RegistryImage"
"""Builds what it pushes under the provider's versions before 4."""

_VERSIONED: Final = re.compile(r"(kubernetes|azure-native):([\w.-]+)/v\w+:(\w+)")
_NATIVE: Final = re.compile(r"aws-native:(\w+):(\w+)")


@cache
def known_as(token: str) -> str:
    """Return the name of a type in these tables: without an API's version, and AWS Cloud Control's as AWS's own.

    `kubernetes:argoproj.io/v1alpha1:Application` is `kubernetes:argoproj.io:Application`, and
    `aws-native:apprunner:Service` is `aws:apprunner/service:Service`.
    """
    if versioned := _VERSIONED.fullmatch(token):
        provider, group, kind = versioned.groups()
        return f"{provider}:{group}:{kind.removesuffix('Patch') if provider == 'kubernetes' else kind}"
    if native := _NATIVE.fullmatch(token):
        module, kind = native.groups()
        return f"aws:{module}/{kind[0].lower()}{kind[1:]}:{kind}"
    return token
