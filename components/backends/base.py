"""The contract of a backend: given the ground it stands on, fill one target group with healthy targets."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import pulumi
import pulumi_aws as aws

from components.firewall import Firewall
from components.network import Network
from components.service import ServiceSpec
from components.settings import Settings
from components.site import Site


@dataclass(frozen=True)
class Ground:
    """All that a backend is given; it creates the rest itself and knows no other backend."""

    site: Site
    settings: Settings
    service: ServiceSpec
    network: Network
    firewall: Firewall
    target_group: aws.lb.TargetGroup
    """The group this backend fills, and no other does."""
    load_balancer: aws.lb.LoadBalancer
    listener: aws.lb.Listener
    """Must exist before a service can register targets."""
    repository_arn: str | None
    """ECR repository of the image; None for a prebuilt one."""
    waits_for: list[pulumi.Resource] = field(default_factory=list)
    """What must exist before the service can start: image, database."""


class BackendComponent(Protocol):
    """What every backend's ComponentResource offers."""

    access: str
    """One command that opens a shell in, or follows the logs of, the running service."""
