"""What the rules on AWS resources have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..model import Check, Config, Finding, Resource
from ..values import Field, UnknownInput

_ELB: Final = ("lb", "alb", "elasticloadbalancingv2", "applicationloadbalancing")
LOAD_BALANCERS: Final = frozenset(f"aws:{module}/loadBalancer:LoadBalancer" for module in _ELB)
LISTENERS: Final = frozenset(f"aws:{module}/listener:Listener" for module in _ELB)
CLUSTERS: Final = frozenset({"aws:eks/cluster:Cluster", "eks:index:Cluster"})
"""EKS clusters: the provider's resource, and the component that makes one, whose children a plan does not show."""
DB_INSTANCES: Final = frozenset({"aws:rds/instance:Instance"})
DB_CLUSTERS: Final = frozenset({"aws:rds/cluster:Cluster"})
BUCKETS: Final = frozenset({"aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2"})
BUCKET_POLICIES: Final = frozenset({"aws:s3/bucketPolicy:BucketPolicy"})

PRODUCTION: Final[Mapping[str, Mapping[str, Any]]] = {
    "production": {
        "type": "boolean",
        "description": "Whether the stack is a production stack; in others the rule has nothing to say.",
        "default": False,
    }
}


def given(field: Field) -> bool:
    """Tell whether anything is written here; what is known only after ``pulumi up`` was written, too.

    For inputs that merely have to be there, such as a key or a log group: a program that creates them beside the
    resource cannot know their ARN at its first preview.
    """
    try:
        return field.exists()
    except UnknownInput:
        return True


def must_be_true(*keys: str) -> Check:
    """Make the check of a rule that one switch is on."""

    def check(resource: Resource, config: Config) -> Iterator[Finding]:
        switch = resource.inputs.at(*keys)
        if not switch.boolean():
            yield Finding.at(switch, "true")

    return check


def is_application_load_balancer(resource: Resource) -> bool:
    """Tell whether a load balancer is one for HTTP, as it is unless it says otherwise."""
    return resource.inputs.at("loadBalancerType").text() in (None, "application")
