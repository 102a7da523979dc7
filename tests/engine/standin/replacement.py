"""Properties whose change makes the real providers replace the resource."""

# By the middle of the type token; a change of any input replaces types that stand in REPLACED_BY_ANYTHING.
REPLACED_BY: dict[str, frozenset[str]] = {
    "appautoscaling/policy": frozenset({"name", "resourceId", "scalableDimension", "serviceNamespace"}),
    "appautoscaling/scheduledAction": frozenset({"name", "resourceId", "scalableDimension", "serviceNamespace"}),
    "appautoscaling/target": frozenset({"resourceId", "scalableDimension", "serviceNamespace"}),
    "apigatewayv2/api": frozenset({"protocolType"}),
    "apigatewayv2/domainName": frozenset({"domainName"}),
    "apigatewayv2/integration": frozenset({"apiId", "connectionType", "integrationType"}),
    "apigatewayv2/route": frozenset({"apiId"}),
    "apigatewayv2/stage": frozenset({"apiId", "name"}),
    "apigatewayv2/vpcLink": frozenset({"securityGroupIds", "subnetIds"}),
    "autoscaling/group": frozenset({"name"}),
    "cloudwatch/logGroup": frozenset({"name"}),
    "ec2/launchTemplate": frozenset({"name"}),
    "ec2/natGateway": frozenset({"allocationId", "connectivityType", "subnetId"}),
    "ec2/routeTable": frozenset({"vpcId"}),
    "ec2/securityGroup": frozenset({"description", "name", "vpcId"}),
    "ec2/subnet": frozenset({"availabilityZone", "cidrBlock", "vpcId"}),
    "ec2/vpc": frozenset({"cidrBlock", "instanceTenancy"}),
    "ec2/vpcEndpoint": frozenset({"serviceName", "vpcEndpointType", "vpcId"}),
    "ecr/repository": frozenset({"encryptionConfigurations", "name"}),
    "ecs/capacityProvider": frozenset({"name"}),
    "ecs/cluster": frozenset({"name"}),
    "ecs/service": frozenset({"cluster", "launchType", "name", "schedulingStrategy"}),
    "eks/accessEntry": frozenset({"clusterName", "principalArn", "type"}),
    "eks/addon": frozenset({"addonName", "clusterName"}),
    "eks/cluster": frozenset({"encryptionConfig", "name", "roleArn"}),
    "eks/podIdentityAssociation": frozenset({"clusterName", "namespace", "serviceAccount"}),
    "elasticbeanstalk/application": frozenset({"name"}),
    "elasticbeanstalk/applicationVersion": frozenset({"application", "bucket", "key", "name"}),
    "elasticbeanstalk/environment": frozenset({"application", "cnamePrefix", "name", "tier"}),
    "iam/instanceProfile": frozenset({"name", "path"}),
    "iam/policy": frozenset({"description", "name", "path"}),
    "iam/role": frozenset({"name", "path"}),
    "iam/rolePolicy": frozenset({"name", "role"}),
    "lb/listener": frozenset({"loadBalancerArn"}),
    "lb/loadBalancer": frozenset({"internal", "loadBalancerType", "name"}),
    "lb/targetGroup": frozenset({"name", "port", "protocol", "protocolVersion", "targetType", "vpcId"}),
    "rds/instance": frozenset({"dbName", "engine", "kmsKeyId", "storageEncrypted", "username"}),
    "rds/parameterGroup": frozenset({"family", "name"}),
    "rds/subnetGroup": frozenset({"name"}),
    "s3/bucket": frozenset({"bucket"}),
    "s3/bucketObjectv2": frozenset({"bucket", "key"}),
    "scheduler/schedule": frozenset({"groupName", "name"}),
    "secretsmanager/secret": frozenset({"name"}),
    "sfn/stateMachine": frozenset({"name", "type"}),
    "ssm/parameter": frozenset({"name"}),
    "wafv2/webAcl": frozenset({"name", "scope"}),
}

REPLACED_BY_ANYTHING = frozenset(
    {
        "autoscaling/attachment",
        "ec2/routeTableAssociation",
        "iam/rolePolicyAttachment",
        "index/randomId",
        "index/randomPassword",
        "index/randomPet",
        "index/randomString",
        "lb/targetGroupAttachment",
        "wafv2/webAclAssociation",
    }
)

# A task definition is immutable: whatever changes, a new revision is registered. Its tags are no part of a revision.
_TASK_DEFINITION = "ecs/taskDefinition"


def replacing(kind: str, changed: list[str]) -> list[str]:
    """Return those of the changed properties that force a replacement."""
    if kind == _TASK_DEFINITION:
        return [name for name in changed if name != "tags"]
    if kind in REPLACED_BY_ANYTHING:
        return changed
    return [name for name in changed if name in REPLACED_BY.get(kind, frozenset())]
