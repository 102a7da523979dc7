"""Which availability zones can hold the whole platform.

A VPC link is refused in a zone that API Gateway does not serve ("Subnet is in Availability Zone 'euw3-az2' where
service is not available"), and an EKS control plane in three zones. Letters differ from account to account, ids do not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pulumi

_NUMBERS: Final[Mapping[str, tuple[str, str]]] = {
    "ap-east-1": ("ape1", "23"),
    "ap-northeast-1": ("apne1", "124"),
    "ap-northeast-2": ("apne2", "123"),
    "ap-south-1": ("aps1", "123"),
    "ap-southeast-1": ("apse1", "123"),
    "ap-southeast-2": ("apse2", "123"),
    "ca-central-1": ("cac1", "12"),
    "eu-central-1": ("euc1", "123"),
    "eu-north-1": ("eun1", "123"),
    "eu-south-2": ("eus2", "123"),
    "eu-west-1": ("euw1", "123"),
    "eu-west-2": ("euw2", "123"),
    "eu-west-3": ("euw3", "13"),
    "me-south-1": ("mes1", "123"),
    "sa-east-1": ("sae1", "123"),
    "us-east-1": ("use1", "12456"),
    "us-east-2": ("use2", "123"),
    "us-gov-west-1": ("usgw1", "123"),
    "us-west-1": ("usw1", "13"),
    "us-west-2": ("usw2", "1234"),
}
"""Zones that carry a VPC link (API Gateway developer guide, "Set up VPC links V2", availability by Region). Those that
EKS leaves out (its user guide, "VPC and subnet requirements"), use1-az3, usw1-az2 and cac1-az3, are not among them."""


def zone_filters(region: str) -> list[dict[str, object]]:
    """Return the filters of ``DescribeAvailabilityZones`` that leave the suitable zones of a region.

    A region that API Gateway's guide does not list is not narrowed: whether it has VPC links is for AWS to say.
    """
    filters: list[dict[str, object]] = [{"name": "opt-in-status", "values": ["opt-in-not-required"]}]
    if region in _NUMBERS:
        prefix, numbers = _NUMBERS[region]
        filters.append({"name": "zone-id", "values": [f"{prefix}-az{number}" for number in numbers]})
    return filters


def choose_zones(available: Sequence[str], count: int, region: str) -> list[str]:
    """Return the first zones of a region.

    Raises:
        pulumi.RunError: the region has fewer suitable zones than config asks for.
    """
    if len(available) < count:
        raise pulumi.RunError(
            f"berth:network.zones: {count} given, but {region} has {len(available)} that EKS and VPC links"
            f" can use ({', '.join(available)}). Allowed here: at most {len(available)}, e.g. zones: 2"
        )
    return list(available[:count])
