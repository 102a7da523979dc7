"""A cluster's secrets are encrypted with a key of their own."""

from collections.abc import Iterator

from ..model import Config, Finding, Level, Resource, Rule, Severity
from ..values import texts
from .shared import CLUSTERS, given

_KEY = "the ARN of a KMS key"


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    if resource.type.startswith("eks:"):
        key = resource.inputs.at("encryptionConfigKeyArn")
    else:
        key = resource.inputs.at("encryptionConfig", "provider", "keyArn")
        encrypted = resource.inputs.at("encryptionConfig", "resources")
        if "secrets" not in [name for _, name in texts(encrypted)]:
            yield Finding.at(encrypted, '["secrets"]')
    if not given(key):
        yield Finding.at(key, _KEY)


RULE = Rule(
    id="aws-eks-secrets-encrypted",
    description="Every EKS cluster encrypts Kubernetes secrets with a KMS key.",
    remediation="Set the cluster's encryption configuration to a KMS key; it cannot be taken away later.",
    # From Kubernetes 1.28 on a key that AWS keeps encrypts them in any case.
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=(
        "AWS Config: eks-cluster-secrets-encrypted",
        "AWS Security Hub: EKS.3",
        "Well-Architected: Security (SEC 8)",
    ),
    applies=CLUSTERS.__contains__,
    check=_check,
)
