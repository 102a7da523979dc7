from __future__ import annotations

from ipaddress import IPv4Network
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.rooms.network.subnets import LARGEST_VPC, SMALLEST_SUBNET, SMALLEST_VPC, plan_subnets, usable_addresses

VPCS = st.builds(
    lambda address, prefix: str(IPv4Network((address, prefix), strict=False)),
    st.integers(0x0A000000, 0x0AFFFFFF),
    st.integers(LARGEST_VPC, SMALLEST_VPC),
)


@given(VPCS, st.sampled_from([2, 3]))
def test_subnets_lie_in_the_vpc_apart_and_one_a_zone(cidr: str, zones: int) -> None:
    plan = plan_subnets(cidr, zones)
    assert len(plan.public) == len(plan.private) == len(plan.data) == zones
    subnets = [IPv4Network(subnet) for subnet in (*plan.public, *plan.private, *plan.data)]
    assert all(subnet.subnet_of(IPv4Network(cidr)) for subnet in subnets)
    assert not any(one.overlaps(other) for one, other in combinations(subnets, 2))


@given(VPCS)
def test_a_third_zone_moves_no_subnet(cidr: str) -> None:
    two, three = plan_subnets(cidr, 2), plan_subnets(cidr, 3)
    assert three.public[:2] == two.public
    assert three.private[:2] == two.private
    assert three.data[:2] == two.data


@given(VPCS, st.sampled_from([2, 3]))
def test_subnets_are_large_enough(cidr: str, zones: int) -> None:
    plan = plan_subnets(cidr, zones)
    assert all(IPv4Network(subnet).prefixlen <= SMALLEST_SUBNET for subnet in (*plan.public, *plan.data))
    # A load balancer asks for a /27 with 8 free addresses, and is not alone there.
    assert all(IPv4Network(subnet).prefixlen <= 27 for subnet in plan.private)
    assert min(map(usable_addresses, plan.private)) > 8 * min(map(usable_addresses, plan.public))


def test_the_plan_of_the_default_range() -> None:
    plan = plan_subnets("10.0.0.0/16", 3)
    assert plan.private == ("10.0.0.0/18", "10.0.64.0/18", "10.0.128.0/18")
    assert plan.public == ("10.0.192.0/21", "10.0.200.0/21", "10.0.208.0/21")
    assert plan.data == ("10.0.224.0/21", "10.0.232.0/21", "10.0.240.0/21")


def test_aws_keeps_five_addresses() -> None:
    assert usable_addresses("10.0.0.0/28") == 11


@pytest.mark.parametrize(
    ("cidr", "zones"), [("10.0.0.0/24", 2), ("10.0.0.0/15", 2), ("10.0.0.0/16", 1), ("10.0.0.0/16", 4), ("x", 2)]
)
def test_what_cannot_be_planned(cidr: str, zones: int) -> None:
    with pytest.raises(ValueError, match=r".+"):
        plan_subnets(cidr, zones)
