"""Every type of resource, of the providers in use, that runs code, and what this pack makes of it.

A test holds it to the providers' own lists: a type whose inputs name images, scripts or user data has to be here.
"""

from __future__ import annotations

from typing import Final

JUDGED: Final = {
    "aws:batch/jobDefinition:JobDefinition": "judged by its containers",
    "aws:codebuild/project:Project": "judged: privileged mode",
    "aws:ecs/taskDefinition:TaskDefinition": "judged by its containers",
    "aws:efs/accessPoint:AccessPoint": "runs nothing; judged: uid 0 for whoever mounts it",
    "aws:eks/cluster:Cluster": "runs no code of its own; its pods are judged",
    "docker:index/container:Container": "judged",
    "docker:index/image:Image": "judged by its Dockerfile",
    "docker:index/registryImage:RegistryImage": "pushes an image; its `build`, which the provider gave up, is not seen",
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
}
"""Machines, with the inputs that hold what they run at their start."""

UNJUDGED: Final = frozenset(
    {
        "aws:amplify/app:App",
        "aws:apprunner/service:Service",
        "aws:bedrock/agentcoreAgentRuntime:AgentcoreAgentRuntime",
        "aws:cloud9/environmentEC2:EnvironmentEC2",
        "aws:ecs/daemonTaskDefinition:DaemonTaskDefinition",
        "aws:ecs/expressGatewayService:ExpressGatewayService",
        "aws:elasticbeanstalk/environment:Environment",
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
        "command:local:Command",
        "command:local:run",
        "command:remote:Command",
        "docker:index/plugin:Plugin",
    }
)
"""What runs code that no rule of this pack looks at."""

IMAGES_ONLY: Final = "aws:lambda/function:Function"
"""Runs in AWS's own sandbox; what an image of it holds is not seen."""
