"""Which types cost nothing by themselves, and why.

A type is free only if it stands here: one that is neither here nor has a rule is reported as unknown,
so that a new resource is never silently counted as zero.
"""

from __future__ import annotations

from typing import Final

FREE_TYPES: Final[dict[str, str]] = {
    "aws:apigatewayv2/api:Api": "billed by request, on its stage",
    "aws:apigatewayv2/apiMapping:ApiMapping": "part of the API",
    "aws:apigatewayv2/authorizer:Authorizer": "part of the API",
    "aws:apigatewayv2/domainName:DomainName": "part of the API",
    "aws:apigatewayv2/integration:Integration": "part of the API",
    "aws:apigatewayv2/route:Route": "part of the API",
    "aws:apigatewayv2/vpcLink:VpcLink": "HTTP APIs are not charged for VPC links",
    "aws:appautoscaling/policy:Policy": "autoscaling itself is free",
    "aws:appautoscaling/target:Target": "autoscaling itself is free",
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": "a permission",
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": "part of the VPC",
    "aws:ec2/flowLog:FlowLog": "billed by what its log group takes in",
    "aws:ec2/internetGateway:InternetGateway": "part of the VPC; traffic is billed",
    "aws:ec2/launchTemplate:LaunchTemplate": "billed by the machines of its group",
    "aws:ec2/route:Route": "part of the VPC",
    "aws:ec2/routeTable:RouteTable": "part of the VPC",
    "aws:ec2/routeTableAssociation:RouteTableAssociation": "part of the VPC",
    "aws:ec2/securityGroup:SecurityGroup": "part of the VPC",
    "aws:ec2/subnet:Subnet": "part of the VPC",
    "aws:ec2/vpc:Vpc": "the VPC itself is free",
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": "part of the repository",
    "aws:ecr/repositoryPolicy:RepositoryPolicy": "part of the repository",
    "aws:ecs/capacityProvider:CapacityProvider": "billed by the machines of its group",
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": "part of the cluster",
    "aws:ecs/taskDefinition:TaskDefinition": "billed by the tasks of its service",
    "aws:eks/accessEntry:AccessEntry": "part of the cluster",
    "aws:eks/addon:Addon": "AWS's own add-ons are free",
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": "part of the cluster",
    "aws:iam/instanceProfile:InstanceProfile": "IAM is free",
    "aws:iam/policy:Policy": "IAM is free",
    "aws:iam/role:Role": "IAM is free",
    "aws:iam/rolePolicy:RolePolicy": "IAM is free",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": "IAM is free",
    "aws:lb/listener:Listener": "part of the load balancer",
    "aws:lb/listenerRule:ListenerRule": "part of the load balancer",
    "aws:lb/targetGroup:TargetGroup": "part of the load balancer",
    "aws:rds/parameterGroup:ParameterGroup": "part of the database",
    "aws:rds/subnetGroup:SubnetGroup": "part of the database",
    "aws:route53/record:Record": "part of a zone that exists; queries of an alias to AWS are free",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": "part of the bucket",
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": "part of the bucket",
    "aws:s3/bucketPolicy:BucketPolicy": "part of the bucket",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": "part of the bucket",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": "part of the bucket",
    "aws:s3/bucketVersioning:BucketVersioning": "part of the bucket; versions are objects",
    "aws:kms/alias:Alias": "part of the key",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": "part of the VPC",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": "part of the VPC",
    "aws:wafv2/webAclAssociation:WebAclAssociation": "part of the web ACL",
    "docker:index/image:Image": "built where the program runs",
}
"""Type token to the reason that it has no price of its own."""

FREE_PACKAGES: Final[dict[str, str]] = {
    "kubernetes": "an object in the cluster; its nodes are billed",
    "random": "kept in the state only",
    "pulumi": "not a cloud resource",
}
"""Package to the reason that none of its types has a price."""


def free(type_token: str) -> str | None:
    """Return why a type costs nothing by itself, or None if that is not known of it."""
    reason = FREE_TYPES.get(type_token)
    return reason if reason is not None else FREE_PACKAGES.get(type_token.split(":", 1)[0])
