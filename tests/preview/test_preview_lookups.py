"""Lookups have stand-ins that hang on nothing but the config; what has none is refused."""

from __future__ import annotations

import json

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
    ("region", "letters", "zone_id"),
    [
        ("us-east-1", "abcdef", "use1-az6"),
        ("ap-southeast-2", "abc", "apse2-az1"),
        ("us-gov-west-1", "abc", "usgw1-az1"),
        ("ap-northeast-1", "acd", "apne1-az4"),  # no new account has a zone b there
        ("us-west-1", "ab", "usw1-az3"),
    ],
)
def test_zones_are_named_as_aws_names_them(region: str, letters: str, zone_id: str) -> None:
    result = answer(ZONES, {}, Cloud({"region": region}))
    assert result["names"] == [f"{region}{letter}" for letter in letters]
    assert result["zoneIds"][0] == zone_id


@pytest.mark.parametrize(
    "args",
    [
        {"excludeZoneIds": ["euw3-az2"]},
        {"excludeNames": ["eu-west-3b"]},
        {"filters": [{"name": "zone-id", "values": ["euw3-az1", "euw3-az3"]}]},
        {
            "state": "available",
            "filters": [{"name": "zone-name", "values": ["eu-west-3a", "eu-west-3c", "eu-west-3d"]}],
        },
    ],
)
def test_zones_are_those_that_the_program_asks_for(args: dict[str, object]) -> None:
    result = answer(ZONES, args, Cloud({"region": "eu-west-3"}))
    assert result["names"] == ["eu-west-3a", "eu-west-3c"]


def test_a_filter_that_cannot_be_answered_is_refused() -> None:
    with pytest.raises(UnsupportedError, match=r"by group-name.*\n.*zone-id"):
        answer(ZONES, {"filters": [{"name": "group-name", "values": ["x"]}]}, Cloud({"region": "eu-west-3"}))


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
    with pytest.raises(UnsupportedError, match="aws:ec2/getInstances:getInstances"):
        answer("aws:ec2/getInstances:getInstances", {}, Cloud({"region": "eu-west-1"}))


def test_a_network_that_is_there_has_the_same_ids_each_time_and_others_elsewhere() -> None:
    here, there = Cloud({"region": "eu-west-1"}), Cloud({"region": "eu-west-2"})
    vpc = "aws:ec2/getVpc:getVpc"
    assert answer(vpc, {"default": True}, here) == answer(vpc, {"default": True}, here)
    assert answer(vpc, {"default": True}, here)["id"] != answer(vpc, {"default": True}, there)["id"]
    assert answer(vpc, {"id": "vpc-1"}, here)["id"] == "vpc-1"
    found = answer("aws:ec2/getSubnets:getSubnets", {"filters": [{"name": "vpc-id", "values": ["vpc-1"]}]}, here)
    assert len(set(found["ids"])) == 3 and all(one.startswith("subnet-") for one in found["ids"])
    assert answer("aws:ec2/getAmi:getAmi", {"owners": ["amazon"]}, here)["id"].startswith("ami-")


def test_a_policy_document_is_what_it_says() -> None:
    statement = {
        "sid": "Read",
        "effect": "Deny",
        "notActions": ["s3:GetObject"],
        "resources": ["arn:aws:s3:::a", "arn:aws:s3:::b"],
        "principals": [{"type": "*", "identifiers": ["*"]}],
        "conditions": [{"test": "Bool", "variable": "aws:SecureTransport", "values": ["false"]}],
    }
    cloud = Cloud({"region": "eu-west-1"})
    result = answer("aws:iam/getPolicyDocument:getPolicyDocument", {"statements": [statement]}, cloud)
    assert json.loads(result["json"]) == json.loads(result["minifiedJson"])
    assert json.loads(result["json"])["Statement"] == [
        {
            "Sid": "Read",
            "Effect": "Deny",
            "NotAction": "s3:GetObject",
            "Resource": ["arn:aws:s3:::a", "arn:aws:s3:::b"],
            "Principal": "*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    ]
    with pytest.raises(UnsupportedError, match="sourcePolicyDocuments"):
        answer("aws:iam/getPolicyDocument:getPolicyDocument", {"sourcePolicyDocuments": ["{}"]}, cloud)
