"""How a VPC's addresses are divided into subnets: pure, and the same for two zones as for three.

The VPC is cut into quarters. Three are the private subnets, one a zone. The fourth is halved, one
half for the public and one for the data tier, and each half is cut into four, of which three are
used. For ``10.0.0.0/16``::

    private  10.0.0.0/18    10.0.64.0/18   10.0.128.0/18
    public   10.0.192.0/21  10.0.200.0/21  10.0.208.0/21   (10.0.216.0/21 is spare)
    data     10.0.224.0/21  10.0.232.0/21  10.0.240.0/21   (10.0.248.0/21 is spare)

A third zone's place is kept from the start, so that going from two zones to three moves no subnet:
a subnet's range cannot be changed, and a moved one would take its database and its tasks with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Final

ZONES: Final = (2, 3)
"""Numbers of zones that a plan can be made for; a load balancer and RDS need two."""

LARGEST_VPC: Final = 16
"""Shortest prefix of a VPC (Amazon VPC user guide, "VPC CIDR blocks")."""

SMALLEST_SUBNET: Final = 28
"""Longest prefix of a subnet (Amazon VPC user guide, "Subnet CIDR blocks")."""

RESERVED_ADDRESSES: Final = 5
"""Addresses AWS keeps in each subnet: the first four and the last (same page)."""

_PRIVATE_BITS: Final = 2
_SMALL_BITS: Final = 5

SMALLEST_VPC: Final = SMALLEST_SUBNET - _SMALL_BITS
"""Longest prefix of a VPC whose smallest subnets are still subnets. Its private subnets are then
/25: a load balancer, which lives there, asks for a /27 with 8 free addresses (Elastic Load
Balancing user guide, "Subnets for your load balancer")."""


@dataclass(frozen=True)
class SubnetPlan:
    """CIDRs of a VPC's subnets, one a zone and tier, in the order of the zones."""

    public: tuple[str, ...]
    """Small: they hold NAT gateways only."""
    private: tuple[str, ...]
    """Large: load balancer, tasks, pods, instances, interface endpoints."""
    data: tuple[str, ...]
    """Small: the database."""


def plan_subnets(cidr: str, zones: int) -> SubnetPlan:
    """Divide a VPC's range.

    Args:
        cidr: the VPC's range, from ``/16`` to ``/23``, e.g. ``10.0.0.0/16``.
        zones: 2 or 3.

    Returns:
        The plan. The first two zones' subnets are the same for 2 zones and for 3.

    Raises:
        ValueError: the range is no IPv4 network, or too large, or too small, or ``zones`` is
            neither 2 nor 3.
    """
    if zones not in ZONES:
        raise ValueError(f"{zones} zones: a plan is made for 2 or 3")
    vpc = IPv4Network(cidr)
    if not LARGEST_VPC <= vpc.prefixlen <= SMALLEST_VPC:
        raise ValueError(f"{cidr}: a VPC of public, private and data subnets is /{LARGEST_VPC} to /{SMALLEST_VPC}")
    *private, rest = vpc.subnets(_PRIVATE_BITS)
    public_half, data_half = rest.subnets(1)
    small = vpc.prefixlen + _SMALL_BITS
    public = public_half.subnets(new_prefix=small)
    data = data_half.subnets(new_prefix=small)
    return SubnetPlan(
        public=tuple(str(next(public)) for _ in range(zones)),
        private=tuple(str(subnet) for subnet in private[:zones]),
        data=tuple(str(next(data)) for _ in range(zones)),
    )


def usable_addresses(cidr: str) -> int:
    """Return how many addresses of a subnet AWS leaves for use."""
    return IPv4Network(cidr).num_addresses - RESERVED_ADDRESSES
