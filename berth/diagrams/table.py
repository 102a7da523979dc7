"""Which resource is drawn as what: a declared table, so that a picture's omissions can be read here.

A type that no line names is drawn as a node of its own in both pictures: nothing is left out unseen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from berth.diagrams.model import Kind


@dataclass(frozen=True)
class Look:
    """How a kind of node is drawn."""

    title: str
    icon: str


@dataclass(frozen=True)
class In:
    """The kind of node a resource belongs to in each picture; None leaves it out of that picture."""

    full: str | None
    application: str | None

    def on(self, kind: Kind) -> str | None:
        """Return the kind of node on this picture."""
        return self.full if kind == "full" else self.application


def both(node: str) -> In:
    """Return the same kind of node on both pictures."""
    return In(node, node)


LOOKS: Final = {
    "caller": Look("Callers", "user"),
    "domain": Look("Custom domain", "domain"),
    "api": Look("API Gateway", "api"),
    "vpc-link": Look("VPC link", "link"),
    "alb": Look("Internal ALB", "alb"),
    "waf": Look("WAF", "waf"),
    "target-group": Look("Target group", "alb"),
    "bucket": Look("Access logs", "bucket"),
    "logs": Look("Logs", "logs"),
    "flow-log": Look("Flow log", "flow-log"),
    "nat": Look("NAT gateway", "nat"),
    "internet": Look("Internet gateway", "internet"),
    "endpoint": Look("S3 endpoint", "endpoint"),
    "roles": Look("IAM roles", "role"),
    "key": Look("KMS key", "key"),
    "cluster": Look("Cluster", "ecs"),
    "workload": Look("Service", "ecs-service"),
    "task-definition": Look("Task definition", "task"),
    "machines": Look("Machines", "machines"),
    "scaling": Look("Autoscaling", "scaling"),
    "parameters": Look("Parameters", "parameters"),
    "repository": Look("ECR repository", "repository"),
    "image": Look("Image", "image"),
    "database": Look("PostgreSQL", "database"),
    "password": Look("Password", "password"),
    "config": Look("ConfigMap", "config"),
    "secret": Look("Secret", "secret"),
    "service": Look("Kubernetes Service", "service"),
    "binding": Look("TargetGroupBinding", "binding"),
    "network-policy": Look("NetworkPolicy", "netpol"),
}
"""Titles and icons; where a backend has a word of its own, ``TITLES`` says so."""

TITLES: Final = {
    ("cluster", "aws:ecs/cluster:Cluster"): Look("ECS cluster", "ecs"),
    ("cluster", "eks:index:Cluster"): Look("EKS cluster", "eks"),
    ("workload", "aws:ecs/service:Service"): Look("ECS service", "ecs-service"),
    ("workload", "kubernetes:apps/v1:Deployment"): Look("Deployment", "deploy"),
    ("machines", "kubernetes:karpenter.sh/v1:NodePool"): Look("Node pool", "node"),
    ("machines", "aws:autoscaling/group:Group"): Look("EC2 machines", "machines"),
    ("scaling", "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"): Look("Pod autoscaler", "hpa"),
}
"""What a node is called that holds this type."""

HIDDEN: Final = In(None, None)
"""For what a box, an arrow or a colour says already."""

TYPES: Final = {
    # The edge.
    "aws:apigatewayv2/api:Api": both("api"),
    "aws:apigatewayv2/integration:Integration": both("api"),
    "aws:apigatewayv2/route:Route": both("api"),
    "aws:apigatewayv2/stage:Stage": both("api"),
    "aws:apigatewayv2/authorizer:Authorizer": both("api"),
    "aws:apigatewayv2/domainName:DomainName": both("domain"),
    "aws:apigatewayv2/apiMapping:ApiMapping": both("domain"),
    "aws:route53/record:Record": both("domain"),
    "aws:apigatewayv2/vpcLink:VpcLink": both("vpc-link"),
    "aws:lb/loadBalancer:LoadBalancer": both("alb"),
    "aws:lb/listener:Listener": both("alb"),
    "aws:lb/targetGroup:TargetGroup": In("alb", "target-group"),
    "aws:wafv2/webAcl:WebAcl": In("waf", None),
    "aws:wafv2/webAclAssociation:WebAclAssociation": In("waf", None),
    "aws:s3/bucket:Bucket": In("bucket", None),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": In("bucket", None),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": In("bucket", None),
    "aws:s3/bucketPolicy:BucketPolicy": In("bucket", None),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": In("bucket", None),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": In("bucket", None),
    # Logs and identity.
    "aws:cloudwatch/logGroup:LogGroup": both("logs"),
    "aws:iam/role:Role": In("roles", None),
    "aws:iam/rolePolicy:RolePolicy": In("roles", None),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": In("roles", None),
    "aws:kms/key:Key": In("key", None),
    # The network: VPC and subnets are boxes, routes and security groups are arrows.
    "aws:ec2/vpc:Vpc": HIDDEN,
    "aws:ec2/subnet:Subnet": HIDDEN,
    "aws:ec2/route:Route": HIDDEN,
    "aws:ec2/routeTable:RouteTable": HIDDEN,
    "aws:ec2/routeTableAssociation:RouteTableAssociation": HIDDEN,
    "aws:ec2/securityGroup:SecurityGroup": HIDDEN,
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": HIDDEN,
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": HIDDEN,
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": HIDDEN,
    "aws:ec2/natGateway:NatGateway": In("nat", None),
    "aws:ec2/eip:Eip": In("nat", None),
    "aws:ec2/internetGateway:InternetGateway": In("internet", None),
    "aws:ec2/vpcEndpoint:VpcEndpoint": In("endpoint", None),
    "aws:ec2/flowLog:FlowLog": In("flow-log", None),
    # The image.
    "aws:ecr/repository:Repository": both("repository"),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": both("repository"),
    "docker:index/image:Image": In(None, "image"),
    # The database.
    "aws:rds/instance:Instance": both("database"),
    "aws:rds/parameterGroup:ParameterGroup": both("database"),
    "aws:rds/subnetGroup:SubnetGroup": both("database"),
    "random:index/randomPassword:RandomPassword": In(None, "password"),
    # ECS.
    "aws:ecs/cluster:Cluster": In("cluster", None),
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": In("cluster", None),
    "aws:ecs/service:Service": both("workload"),
    "aws:ecs/taskDefinition:TaskDefinition": In("workload", "task-definition"),
    "aws:appautoscaling/target:Target": In("workload", "scaling"),
    "aws:appautoscaling/policy:Policy": In("workload", "scaling"),
    "aws:ssm/parameter:Parameter": In(None, "parameters"),
    "aws:ecs/capacityProvider:CapacityProvider": In("machines", None),
    "aws:autoscaling/group:Group": In("machines", None),
    "aws:ec2/launchTemplate:LaunchTemplate": In("machines", None),
    "aws:iam/instanceProfile:InstanceProfile": In("roles", None),
    # EKS.
    "eks:index:Cluster": In("cluster", None),
    "aws:eks/addon:Addon": In("cluster", None),
    "pulumi:providers:kubernetes": HIDDEN,
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": In("workload", None),
    "kubernetes:apps/v1:Deployment": both("workload"),
    "kubernetes:core/v1:ServiceAccount": both("workload"),
    "kubernetes:core/v1:Namespace": both("workload"),
    "kubernetes:policy/v1:PodDisruptionBudget": both("workload"),
    "kubernetes:autoscaling/v2:HorizontalPodAutoscaler": In("workload", "scaling"),
    "kubernetes:networking.k8s.io/v1:NetworkPolicy": In("workload", "network-policy"),
    "kubernetes:core/v1:Service": In("workload", "service"),
    "kubernetes:core/v1:ConfigMap": In("workload", "config"),
    "kubernetes:core/v1:Secret": In("workload", "secret"),
    "kubernetes:eks.amazonaws.com/v1:TargetGroupBinding": In("workload", "binding"),
    "kubernetes:eks.amazonaws.com/v1:NodeClass": In("machines", None),
    "kubernetes:karpenter.sh/v1:NodePool": In("machines", None),
}

COMPONENTS: Final = {
    "Fargate": "ECS on Fargate",
    "Ec2": "ECS on EC2",
    "Eks": "EKS",
}
"""Components whose class is not what a reader calls them."""

HOME: Final = {"target-group": "edge", "alb": "edge"}
"""Components of what the program declares outside of any: the target group stands between two."""


@dataclass(frozen=True)
class Way:
    """What a property that names another resource means."""

    label: str
    reverse: bool = False
    """The arrow points to the resource that has the property."""
    style: Literal["call", "use"] = "use"


WAYS: Final[dict[str, Way | None]] = {
    "connectionId": Way("private integration", style="call"),
    # The way over the VPC link is drawn; the listener's address only says where it ends.
    "integrationUri": None,
    "apiId": Way("names", style="call"),
    "resourceArn": Way("protects"),
    "accessLogSettings": Way("writes"),
    "logDestination": Way("writes"),
    "iamRoleArn": Way("assumes"),
    "executionRoleArn": Way("assumes"),
    "taskRoleArn": Way("assumes"),
    "roleArn": Way("assumes"),
    "iamInstanceProfile": Way("assumes"),
    "role": Way("assumes"),
    "encryptionConfigKeyArn": Way("encrypts", reverse=True),
    "cluster": Way("runs", reverse=True),
    "capacityProviderStrategies": Way("hosts", reverse=True),
    # What the service's own strategy says of the machines.
    "capacityProviders": Way("scales"),
    "defaultCapacityProviderStrategies": None,
    "defaultActions": Way("forwards", style="call"),
    "loadBalancers": Way("registers", reverse=True, style="call"),
    "taskDefinition": Way("runs"),
    "resourceId": Way("scales"),
    "scalableDimension": None,
    "serviceNamespace": None,
    # The metric's label; the arrow to what is scaled says enough.
    "targetTrackingScalingPolicyConfiguration": None,
    "password": Way("sets", reverse=True),
    "stringData": Way("holds", reverse=True),
    "data": Way("address", reverse=True),
    "value": Way("holds", reverse=True),
    "kubeconfig": None,
}
"""Properties that make arrows; one that is not here makes an arrow with its own name."""

TYPE_WAYS: Final[dict[tuple[str, str], Way | None]] = {
    ("kubernetes:eks.amazonaws.com/v1:TargetGroupBinding", "spec"): Way("registers", reverse=True, style="call"),
    # The cluster's own security group, beside the subnets that are boxes.
    ("kubernetes:eks.amazonaws.com/v1:NodeClass", "spec"): None,
    ("eks:index:Cluster", "autoMode"): Way("assumes"),
}
"""The same where a property's name means nothing without its resource's type."""
