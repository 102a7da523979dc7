"""The kinds of nodes on a picture, and what a property means whatever type has it.

Which resource is drawn as which kind stands in its type's record (``berth.resource_types``). A type that has none is
drawn as a node of its own in both pictures: nothing is left out unseen.
"""

from __future__ import annotations

from typing import Final

from berth.resource_types.resource_type import Look, Way

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
    "alarms": Look("Alarms", "logs"),
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
    "platform": Look("Platform", "machines"),
    "version": Look("Version", "task"),
    "scaling": Look("Autoscaling", "scaling"),
    "schedule": Look("Schedule", "schedule"),
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
"""Titles and icons; where a type has a word of its own, its record says so."""

HOME: Final = {"target-group": "edge", "alb": "edge"}
"""Components of kinds that are drawn elsewhere than they are declared: the target group stands between two."""

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
    "actions": Way("forwards", style="call"),
    "loadBalancers": Way("registers", reverse=True, style="call"),
    "targetGroupArns": Way("registers", reverse=True, style="call"),
    "launchTemplate": Way("starts"),
    "autoscalingGroupName": Way("scales"),
    "targetTrackingConfiguration": None,
    "placementGroup": Way("places", reverse=True),
    "imageId": None,
    "lbTargetGroupArn": Way("registers", reverse=True, style="call"),
    "application": Way("hosts", reverse=True),
    "settings": None,
    "version": Way("runs"),
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
