"""Which changed property makes the provider replace a resource: a declared table, each row with its source.

It covers what this project's programs create, and is no substitute for the engine's own preview: a
property that is not here is taken to be changed in place.

A source is a file of the provider's in which the property is marked so, or the one operation of AWS's API
that could change it and does not take it (``service:Operation``), or that there is no such operation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Forces:
    """One row."""

    properties: frozenset[str]
    """Paths without indices, e.g. ``spec.selector``; what is below them counts too. ``*`` is every one."""
    source: str
    but: frozenset[str] = frozenset()
    """What ``*`` does not cover."""


def _row(properties: str, source: str, but: str = "") -> Forces:
    return Forces(frozenset(properties.split()), source, frozenset(but.split()))


_ELB: Final = "terraform-provider-aws: internal/service/elbv2/target_group.go"
_RDS: Final = "terraform-provider-aws: internal/service/rds/instance.go"
_INTEGRATION: Final = "terraform-provider-aws: internal/service/apigatewayv2/integration.go"
_GROUP: Final = "pulumi_aws.ec2.SecurityGroup: Recreating a Security Group"
_KUBERNETES: Final = "pulumi-kubernetes: provider/pkg/provider/diff.go"
_NONE: Final = "no operation changes it"

FORCES: Final[Mapping[str, Forces]] = {
    "aws:apigatewayv2/api": _row("protocolType", "apigatewayv2:UpdateApi"),
    "aws:apigatewayv2/integration": _row("apiId integrationType integrationSubtype", _INTEGRATION),
    "aws:apigatewayv2/route": _row("apiId", "apigatewayv2:UpdateRoute"),
    "aws:apigatewayv2/stage": _row("apiId name", "apigatewayv2:UpdateStage"),
    "aws:apigatewayv2/vpcLink": _row("securityGroupIds subnetIds", "apigatewayv2:UpdateVpcLink"),
    "aws:appautoscaling/policy": _row("name resourceId scalableDimension serviceNamespace", _NONE),
    "aws:appautoscaling/target": _row("resourceId scalableDimension serviceNamespace", _NONE),
    "aws:autoscaling/group": _row("name namePrefix", "autoscaling:UpdateAutoScalingGroup"),
    "aws:cloudwatch/logGroup": _row("name namePrefix logGroupClass", _NONE),
    "aws:ec2/defaultSecurityGroup": _row("vpcId", _NONE),
    "aws:ec2/eip": _row("domain", _NONE),
    "aws:ec2/flowLog": _row("*", _NONE, but="tags"),
    "aws:ec2/launchTemplate": _row("name namePrefix", "ec2:ModifyLaunchTemplate"),
    "aws:ec2/natGateway": _row("allocationId connectivityType subnetId", _NONE),
    "aws:ec2/route": _row("routeTableId destinationCidrBlock destinationPrefixListId", "ec2:ReplaceRoute"),
    "aws:ec2/routeTable": _row("vpcId", _NONE),
    "aws:ec2/routeTableAssociation": _row("subnetId gatewayId", "ec2:ReplaceRouteTableAssociation"),
    "aws:ec2/securityGroup": _row("description name namePrefix vpcId", _GROUP),
    "aws:ec2/subnet": _row("availabilityZone cidrBlock vpcId", "ec2:ModifySubnetAttribute"),
    "aws:ec2/vpc": _row("cidrBlock", "ec2:ModifyVpcAttribute"),
    "aws:ec2/vpcEndpoint": _row("serviceName vpcEndpointType vpcId", "ec2:ModifyVpcEndpoint"),
    "aws:ecr/lifecyclePolicy": _row("repository", "ecr:PutLifecyclePolicy"),
    "aws:ecr/repository": _row("encryptionConfigurations name", _NONE),
    "aws:ecs/capacityProvider": _row("name autoScalingGroupProvider.autoScalingGroupArn", "ecs:UpdateCapacityProvider"),
    "aws:ecs/cluster": _row("name", "ecs:UpdateCluster"),
    "aws:ecs/clusterCapacityProviders": _row("clusterName", "ecs:PutClusterCapacityProviders"),
    # Its load balancers can be changed in place since 2022.
    "aws:ecs/service": _row("cluster launchType name schedulingStrategy", "ecs:UpdateService"),
    # Whatever changes, a new revision is registered; tags are no part of a revision.
    "aws:ecs/taskDefinition": _row("*", _NONE, but="tags skipDestroy trackLatest"),
    "aws:eks/addon": _row("addonName clusterName", "eks:UpdateAddon"),
    "aws:eks/podIdentityAssociation": _row("clusterName namespace serviceAccount", "eks:UpdatePodIdentityAssociation"),
    "aws:iam/instanceProfile": _row("name namePrefix path", _NONE),
    "aws:iam/role": _row("name namePrefix path", "iam:UpdateRole"),
    "aws:iam/rolePolicy": _row("name namePrefix role", "iam:PutRolePolicy"),
    "aws:iam/rolePolicyAttachment": _row("*", _NONE),
    "aws:kms/key": _row("customerMasterKeySpec keyUsage multiRegion", _NONE),
    "aws:lb/listener": _row("loadBalancerArn", "elbv2:ModifyListener"),
    "aws:lb/loadBalancer": _row("internal loadBalancerType name namePrefix", _NONE),
    "aws:lb/targetGroup": _row("ipAddressType name namePrefix port protocol protocolVersion targetType vpcId", _ELB),
    # Its identifier can be changed: the database is renamed.
    "aws:rds/instance": _row(
        "availabilityZone dbName engine kmsKeyId snapshotIdentifier storageEncrypted username", _RDS
    ),
    "aws:rds/parameterGroup": _row("description family name namePrefix", "rds:ModifyDBParameterGroup"),
    "aws:rds/subnetGroup": _row("name namePrefix", "rds:ModifyDBSubnetGroup"),
    "aws:s3/bucket": _row("bucket bucketPrefix", _NONE),
    "aws:s3/bucketLifecycleConfiguration": _row("bucket", "s3:PutBucketLifecycleConfiguration"),
    "aws:s3/bucketOwnershipControls": _row("bucket", "s3:PutBucketOwnershipControls"),
    "aws:s3/bucketPolicy": _row("bucket", "s3:PutBucketPolicy"),
    "aws:s3/bucketPublicAccessBlock": _row("bucket", "s3:PutPublicAccessBlock"),
    "aws:s3/bucketServerSideEncryptionConfiguration": _row("bucket", "s3:PutBucketEncryption"),
    "aws:secretsmanager/secret": _row("name namePrefix", "secretsmanager:UpdateSecret"),
    "aws:ssm/parameter": _row("name", "ssm:PutParameter"),
    "aws:vpc/securityGroupEgressRule": _row("securityGroupId", "ec2:ModifySecurityGroupRules"),
    "aws:vpc/securityGroupIngressRule": _row("securityGroupId", "ec2:ModifySecurityGroupRules"),
    "aws:wafv2/webAcl": _row("name namePrefix scope", "wafv2:UpdateWebACL"),
    "aws:wafv2/webAclAssociation": _row("*", "wafv2:AssociateWebACL"),
    "kubernetes:apps/v1:Deployment": _row("spec.selector", _KUBERNETES),
    "kubernetes:core/v1:ConfigMap": _row("data binaryData", _KUBERNETES),
    "kubernetes:core/v1:Secret": _row("data stringData type", _KUBERNETES),
    "kubernetes:core/v1:Service": _row("spec.clusterIP", _KUBERNETES),
    "random:index/randomPassword": _row("*", "a random value is made once"),
}

_OBJECT: Final = _row("metadata.name metadata.namespace", _KUBERNETES)
"""What identifies any Kubernetes object."""


def forces_replacement(type_token: str, path: Sequence[str | int]) -> str:
    """Return the source that says so, or an empty text where a change of ``path`` replaces nothing."""
    place = [step for step in path if isinstance(step, str) and type(step) is str]
    rows = [FORCES.get(type_token), FORCES.get(type_token.rpartition(":")[0])]
    if type_token.startswith("kubernetes:"):
        rows.append(_OBJECT)
    for row in rows:
        if row is None:
            continue
        if "*" in row.properties and place and place[0] not in row.but:
            return row.source
        # What stands in brackets is no part of a declared path: an index, or the name of a list's element.
        if any(".".join(place[:depth]) in row.properties for depth in range(1, len(place) + 1)):
            return row.source
    return ""
