"""Ranges of IPv4 addresses, as rules about them need them."""

from __future__ import annotations

from ipaddress import IPv4Network, ip_network
from typing import Final

PRIVATE_RANGES: Final = tuple(
    IPv4Network(cidr) for cidr in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
)
"""RFC 1918, and RFC 6598's shared range (Amazon VPC user guide, "VPC CIDR blocks")."""


def ipv4_network(value: str) -> tuple[IPv4Network | None, str]:
    """Return a range of addresses, or what keeps a text from being one."""
    try:
        network = ip_network(value, strict=False)
    except ValueError:
        return None, f'"{value}" is no range of addresses.'
    if not isinstance(network, IPv4Network):
        return None, f'"{value}" is IPv6; only IPv4 is meant here.'
    if "/" not in value:
        return None, f'"{value}" has no prefix; as a single address it is {network}.'
    if value != str(network):
        return None, f'"{value}" has bits set beyond its prefix; the range is {network}.'
    return network, ""
