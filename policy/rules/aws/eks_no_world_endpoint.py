"""A cluster's API is not open to the whole world."""

from collections.abc import Iterator

from ..model import Config, Finding, Level, Resource, Rule, Severity
from .addresses import worlds
from .shared import CLUSTERS

_WRITE = "the addresses that administer the cluster, or a private endpoint"


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    inputs = resource.inputs if resource.type.startswith("eks:") else resource.inputs.at("vpcConfig")
    # Left out, the endpoint is public, and open to everybody.
    if inputs.at("endpointPublicAccess").boolean() is False:
        return
    admitted = inputs.at("publicAccessCidrs")
    if not admitted.items():
        yield Finding.at(admitted, _WRITE)
    for block in worlds(admitted):
        yield Finding.at(block, _WRITE)


RULE = Rule(
    id="aws-eks-no-world-endpoint",
    description="The API endpoint of every EKS cluster is private, or public for known addresses alone.",
    remediation='Set "endpointPublicAccess" to false, or "publicAccessCidrs" to the addresses that you know.',
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=(
        "AWS Config: eks-endpoint-no-public-access",
        "AWS Security Hub: EKS.1",
        "Well-Architected: Security (SEC 5)",
    ),
    applies=CLUSTERS.__contains__,
    check=_check,
)
