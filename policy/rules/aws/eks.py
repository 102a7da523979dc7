"""Rules on EKS clusters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..rule import Config, Finding, Level, Resource, Rule, Severity, controls
from ..values import texts
from .addresses import worlds
from .shared import given

CLUSTERS: Final = frozenset({"aws:eks/cluster:Cluster", "eks:index:Cluster"})
"""The provider's resource, and the component that makes one, whose children a plan does not show."""


_TELLING: Final = ("api", "audit", "authenticator")


def _logs(resource: Resource, config: Config) -> Iterator[Finding]:
    enabled = resource.inputs.at("enabledClusterLogTypes")
    wanted = config.get("logTypes", _TELLING)
    missing = set(wanted) - {kind for _, kind in texts(enabled)}
    if missing:
        found = f"without {', '.join(sorted(missing))}"
        yield Finding.at(enabled, f"a list with {', '.join(wanted)}", found=found)


LOGS = Rule(
    id="aws-eks-logs",
    description="Every EKS cluster logs its API's requests, who made them and how they logged in.",
    remediation='Set "enabledClusterLogTypes" to ["api", "audit", "authenticator"] or more.',
    # They show an attack afterwards; they stop none.
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=controls(config="eks-cluster-log-enabled", hub="EKS.8", well="SEC4"),
    applies=CLUSTERS.__contains__,
    check=_logs,
    config={
        "logTypes": {
            "type": "array",
            "items": {"type": "string", "enum": ["api", "audit", "authenticator", "controllerManager", "scheduler"]},
            "description": "Control-plane logs that must be enabled.",
            "default": list(_TELLING),
        }
    },
)

_KNOWN = "the addresses that administer the cluster, or a private endpoint"


def _endpoint(resource: Resource, config: Config) -> Iterator[Finding]:
    inputs = resource.inputs if resource.type.startswith("eks:") else resource.inputs.at("vpcConfig")
    # Left out, the endpoint is public, and open to everybody.
    if inputs.at("endpointPublicAccess").boolean() is False:
        return
    admitted = inputs.at("publicAccessCidrs")
    if not admitted.items():
        yield Finding.at(admitted, _KNOWN)
    for block in worlds(admitted):
        yield Finding.at(block, _KNOWN)


NO_WORLD_ENDPOINT = Rule(
    id="aws-eks-no-world-endpoint",
    description="The API endpoint of every EKS cluster is private, or public for known addresses alone.",
    remediation='Set "endpointPublicAccess" to false, or "publicAccessCidrs" to the addresses that you know.',
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=controls(config="eks-endpoint-no-public-access", hub="EKS.1", well="SEC5"),
    applies=CLUSTERS.__contains__,
    check=_endpoint,
)


def _secrets(resource: Resource, config: Config) -> Iterator[Finding]:
    if resource.type.startswith("eks:"):
        key = resource.inputs.at("encryptionConfigKeyArn")
    else:
        key = resource.inputs.at("encryptionConfig", "provider", "keyArn")
        encrypted = resource.inputs.at("encryptionConfig", "resources")
        if "secrets" not in [name for _, name in texts(encrypted)]:
            yield Finding.at(encrypted, '["secrets"]')
    if not given(key):
        yield Finding.at(key, "the ARN of a KMS key")


SECRETS_ENCRYPTED = Rule(
    id="aws-eks-secrets-encrypted",
    description="Every EKS cluster encrypts Kubernetes secrets with a KMS key.",
    remediation="Set the cluster's encryption configuration to a KMS key; it cannot be taken away later.",
    # From Kubernetes 1.28 on a key that AWS keeps encrypts them in any case.
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=controls(config="eks-cluster-secrets-encrypted", hub="EKS.3", well="SEC8"),
    applies=CLUSTERS.__contains__,
    check=_secrets,
)
