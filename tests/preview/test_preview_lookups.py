"""Lookups have stand-ins that hang on nothing but the config; what has none is refused."""

from __future__ import annotations

import pytest

from berth.errors import UnsupportedError
from berth.lookups import Cloud, answer
from berth.plan import Secret

IDENTITY = "aws:index/getCallerIdentity:getCallerIdentity"
ZONES = "aws:index/getAvailabilityZones:getAvailabilityZones"
PARTITION = "aws:index/getPartition:getPartition"
REGION = "aws:index/getRegion:getRegion"


@pytest.mark.parametrize("allowed", ['["111122223333","2"]', "111122223333", ["111122223333"]])
def test_the_account_is_the_first_allowed(allowed: object) -> None:
    cloud = Cloud({"region": "eu-west-1", "allowedAccountIds": allowed})
    assert answer(IDENTITY, {}, cloud)["accountId"] == "111122223333"


def test_the_account_without_config_is_the_documentations() -> None:
    assert answer(IDENTITY, {}, Cloud({"region": "eu-west-1"}))["accountId"] == "123456789012"


@pytest.mark.parametrize(
    ("region", "partition", "suffix"),
    [
        ("eu-west-1", "aws", "amazonaws.com"),
        ("cn-north-1", "aws-cn", "amazonaws.com.cn"),
        ("us-gov-west-1", "aws-us-gov", "amazonaws.com"),
    ],
)
def test_the_partition_follows_from_the_region(region: str, partition: str, suffix: str) -> None:
    result = answer(PARTITION, {}, Cloud({"region": region}))
    assert (result["partition"], result["dnsSuffix"]) == (partition, suffix)


@pytest.mark.parametrize(
    ("region", "zone_id"),
    [("us-east-1", "use1-az1"), ("ap-southeast-2", "apse2-az1"), ("us-gov-west-1", "usgw1-az1")],
)
def test_zones_are_named_as_aws_names_them(region: str, zone_id: str) -> None:
    result = answer(ZONES, {}, Cloud({"region": region}))
    assert result["names"] == [f"{region}{letter}" for letter in "abc"]
    assert result["zoneIds"][0] == zone_id


def test_an_excluded_zone_is_left_out() -> None:
    result = answer(ZONES, {"excludeZoneIds": ["use1-az2"]}, Cloud({"region": "us-east-1"}))
    assert result["names"] == ["us-east-1a", "us-east-1c"]


def test_a_lookups_own_region_wins() -> None:
    assert answer(REGION, {"region": "eu-north-1"}, Cloud({"region": "us-east-1"}))["region"] == "eu-north-1"


def test_a_registrys_password_is_secret() -> None:
    token = "aws:ecr/getAuthorizationToken:getAuthorizationToken"
    result = answer(token, {}, Cloud({"region": "eu-west-1"}))
    assert isinstance(result["password"], Secret)
    assert isinstance(result["authorizationToken"], Secret)


def test_without_a_region_the_error_says_how_to_set_it() -> None:
    with pytest.raises(UnsupportedError, match="aws:region: eu-west-1"):
        answer(REGION, {}, Cloud({}))


def test_an_unknown_lookup_is_refused_by_name() -> None:
    with pytest.raises(UnsupportedError, match="aws:ec2/getAmi:getAmi"):
        answer("aws:ec2/getAmi:getAmi", {}, Cloud({"region": "eu-west-1"}))
