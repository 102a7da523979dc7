"""Choice of zones."""

from __future__ import annotations

import pulumi
import pytest

from berth.lookups import Cloud, answer
from components.rooms.network.zones import choose_zones, zone_filters
from tests.programs import recorder

ZONES = "aws:index/getAvailabilityZones:getAvailabilityZones"


def test_first_zones_are_taken() -> None:
    assert choose_zones(["a", "b", "c"], 2, "eu-central-1") == ["a", "b"]


def test_too_few_zones_are_explained() -> None:
    with pytest.raises(pulumi.RunError, match=r"berth:network\.zones: 3 given, but us-west-1 has 2 .*at most 2"):
        choose_zones(["us-west-1a", "us-west-1c"], 3, "us-west-1")


@pytest.mark.parametrize(
    ("region", "refused", "left"),
    [
        # Seen in the wild: aws-cdk 13569, sst 5374.
        ("eu-west-3", "euw3-az2", 2),
        ("ap-east-1", "ape1-az1", 2),
        ("ap-northeast-2", "apne2-az4", 3),
        ("ca-central-1", "cac1-az4", 2),
        # No EKS control plane either.
        ("us-east-1", "use1-az3", 5),
        ("us-west-1", "usw1-az2", 2),
    ],
)
def test_zones_without_a_vpc_link_are_left_out(region: str, refused: str, left: int) -> None:
    found = answer(ZONES, {"filters": zone_filters(region)}, Cloud({"region": region}))
    assert refused not in found["zoneIds"] and len(found["zoneIds"]) == left


def test_a_region_that_the_guide_does_not_list_is_not_narrowed() -> None:
    [by_opt_in] = zone_filters("eu-central-2")
    assert by_opt_in == {"name": "opt-in-status", "values": ["opt-in-not-required"]}


def test_the_subnets_stand_in_the_zones_that_are_left(tmp_path_factory: pytest.TempPathFactory) -> None:
    plan = recorder(tmp_path_factory, region="eu-west-3")("ecs-fargate")
    zones = {subnet.inputs["availabilityZone"] for subnet in plan.of_type("aws:ec2/subnet:Subnet")}
    assert zones == {"eu-west-3a", "eu-west-3c"}
