"""What the tables of cases do not say of the rules on AWS resources: unknowns, configuration, and what they claim."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from policy.judge import judge
from policy.rules.aws.addresses import is_world
from policy.rules.registry import RULES
from policy.rules.rule import Level
from policy.rules.values import UNKNOWN, Field, Malformed, Secret

from .cases import AWS
from .cases.aws import WORLDS, allow, policy
from .cases.data import BUCKET_POLICY, DATABASE, block, database, https_only, service
from .cases.edge import LISTENER, balancer, repository, stage
from .cases.network import INGRESS, closed
from .cases.rights import ATTACHMENT, EVERYTHING, LOG_GROUP, ROLE_POLICY, cluster, component, template
from .support import Planned, edited, seconds, violations

WITH_POLICY = Planned(ROLE_POLICY, {"policy": policy(allow())})
WITH_PUBLIC_POLICY = Planned(BUCKET_POLICY, {"policy": policy(service, https_only)})
PORT = Planned(INGRESS, {"ipProtocol": "tcp", "fromPort": 5432, "toPort": 5432, "cidrIpv4": "10.0.0.0/8"})
PUBLIC_PORT = Planned(INGRESS, {"ipProtocol": "tcp", "fromPort": 443, "toPort": 443, "cidrIpv4": "10.0.0.0/8"})
SPEAKS_TLS = Planned(LISTENER, {"protocol": "HTTPS", "sslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06"})

# A place in a compliant resource, and the rule that cannot judge without it.
NEEDED: list[tuple[Planned, str, str]] = [
    (PORT, "cidrIpv4", "aws-no-world-ingress"),
    (PORT, "cidrIpv6", "aws-no-world-ingress"),
    (PORT, "ipProtocol", "aws-no-world-ingress"),
    (closed, "ingress", "aws-default-security-group-closed"),
    (database, "storageEncrypted", "aws-rds-encrypted"),
    (database, "publiclyAccessible", "aws-rds-not-public"),
    (database, "backupRetentionPeriod", "aws-rds-backups"),
    (database, "engine", "aws-rds-tls"),
    (component, "endpointPublicAccess", "aws-eks-no-world-endpoint"),
    (component, "enabledClusterLogTypes", "aws-eks-logs"),
    (cluster, "vpcConfig", "aws-eks-no-world-endpoint"),
    (template, "metadataOptions.httpTokens", "aws-imds-v2"),
    (template, "metadataOptions.httpPutResponseHopLimit", "aws-imds-hop-limit"),
    (block, "ignorePublicAcls", "aws-s3-public-access-blocked"),
    (WITH_PUBLIC_POLICY, "policy", "aws-s3-not-public"),
    (WITH_PUBLIC_POLICY, "policy.Statement[0].Principal", "aws-s3-not-public"),
    (WITH_POLICY, "policy", "aws-iam-no-star"),
    (WITH_POLICY, "policy.Statement[0].Action", "aws-iam-no-star"),
    (WITH_POLICY, "policy.Statement[0].Effect", "aws-iam-no-star"),
    (balancer, "loadBalancerType", "aws-alb-access-logs"),
    (balancer, "accessLogs", "aws-alb-access-logs"),
    (balancer, "dropInvalidHeaderFields", "aws-alb-drops-invalid-headers"),
    (SPEAKS_TLS, "sslPolicy", "aws-lb-tls-policy"),
    (stage, "accessLogSettings", "aws-api-stage-logs"),
    (stage, "defaultRouteSettings.throttlingRateLimit", "aws-api-stage-throttled"),
    (repository, "imageTagMutability", "aws-ecr-immutable-tags"),
]

# A place that no rule needs, or needs only to be given: nobody may be stopped by it.
ELSEWHERE: list[tuple[Planned, str]] = [
    (PORT, "securityGroupId"),
    (PORT, "referencedSecurityGroupId"),
    (PORT, "prefixListId"),
    # Over HTTPS anybody may come.
    (PUBLIC_PORT, "cidrIpv4"),
    (database, "parameterGroupName"),
    (database, "kmsKeyId"),
    (database, "vpcSecurityGroupIds"),
    (database, "password"),
    (component, "encryptionConfigKeyArn"),
    (component, "publicAccessCidrs"),
    (component, "vpcId"),
    (cluster, "encryptionConfig.provider.keyArn"),
    (cluster, "vpcConfig.subnetIds"),
    (template, "iamInstanceProfile.arn"),
    (block, "bucket"),
    (WITH_POLICY, "role"),
    (WITH_POLICY, "policy.Statement[0].Resource"),
    (WITH_PUBLIC_POLICY, "policy.Statement[0].Resource"),
    (balancer, "accessLogs.bucket"),
    (balancer, "subnets"),
    (SPEAKS_TLS, "certificateArn"),
    (stage, "accessLogSettings.destinationArn"),
    (repository, "name"),
]


def _broken(resource: Planned) -> set[str]:
    return {one.policy for one in judge([resource])}


@pytest.mark.parametrize(("resource", "path", "rule"), NEEDED, ids=[f"{rule}-{path}" for _, path, rule in NEEDED])
@pytest.mark.parametrize("value", [UNKNOWN, Secret(UNKNOWN)], ids=["plain", "secret"])
def test_an_unknown_that_a_rule_needs_breaks_it(resource: Planned, path: str, rule: str, value: object) -> None:
    assert violations(rule, resource) == []
    (found,) = violations(rule, replace(resource, inputs=edited(resource.inputs, path, value)))
    assert f"{path} is not known before `pulumi up`" in found.message


@pytest.mark.parametrize(("resource", "path"), ELSEWHERE, ids=[f"{one.type}-{path}" for one, path in ELSEWHERE])
def test_an_unknown_elsewhere_changes_nothing(resource: Planned, path: str) -> None:
    assert _broken(replace(resource, inputs=edited(resource.inputs, path, UNKNOWN))) == _broken(resource)


def test_one_unknown_statement_does_not_hide_another_ones_breach() -> None:
    document = policy(allow(Action=UNKNOWN), allow(**EVERYTHING))
    first, second = violations("aws-iam-no-star", Planned(ROLE_POLICY, {"policy": document}))
    assert "policy.Statement[0].Action is not known" in first.message
    assert 'policy.Statement[1].Action is "*"' in second.message


def test_what_stands_in_a_secret_policy_is_not_shown() -> None:
    text = json.dumps(policy(allow(**EVERYTHING)))
    (found,) = violations("aws-iam-no-star", Planned(ROLE_POLICY, {"policy": Secret(text)}))
    assert "Statement[0].Action is a secret value" in found.message


def test_a_listener_of_another_stacks_load_balancer_is_said_to_be_that() -> None:
    plain = Planned(LISTENER, {"protocol": "HTTP", "loadBalancerArn": "arn:it"})
    (found,) = violations("aws-alb-http-redirects", plain)
    assert "of another stack" in found.message
    opened = replace(balancer, inputs={})
    here = replace(plain, property_dependencies={"loadBalancerArn": [opened.urn]}, beside=(opened,))
    (found,) = violations("aws-alb-http-redirects", here)
    assert "open to the internet; write" in found.message


WORLD = [*WORLDS, "4.0.0.0/7", "2000::/15", "::/1"]
NOT_WORLD = ["10.0.0.0/8", "fc00::/7", "4.0.0.0/8", "203.0.113.7", "2a05:d000::/16", "127.0.0.0/8"]


@pytest.mark.parametrize(("block", "world"), [(b, True) for b in WORLD] + [(b, False) for b in NOT_WORLD])
def test_which_blocks_are_the_world(block: str, world: bool) -> None:
    assert is_world(Field(block)) is world


def test_a_block_that_is_none_is_malformed() -> None:
    assert not is_world(Field(None))
    with pytest.raises(Malformed):
        is_world(Field("10.0.0.0/33"))


OPEN_80 = Planned(INGRESS, {"ipProtocol": "tcp", "fromPort": 80, "toPort": 80, "cidrIpv4": "0.0.0.0/0"})
KEPT_30 = Planned(LOG_GROUP, {"retentionInDays": 30})
READ_ONLY = Planned(ATTACHMENT, {"policyArn": "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"})
UNPROTECTED = Planned(DATABASE, {"deletionProtection": False, "multiAz": False})

# What a rule says by itself, and with a configuration.
CONFIGURED: list[tuple[str, Planned, dict[str, Any], bool, bool]] = [
    ("aws-no-world-ingress", OPEN_80, {"publicPorts": [80.0, 443.0]}, True, False),
    ("aws-log-retention", KEPT_30, {"minimumDays": 365.0}, False, True),
    ("aws-rds-backups", database, {"minimumDays": 30}, False, True),
    ("aws-eks-logs", cluster, {"logTypes": ["scheduler"]}, False, True),
    ("aws-iam-no-administrator", READ_ONLY, {"forbidden": ["ViewOnlyAccess"]}, False, True),
    ("aws-rds-multi-az", UNPROTECTED, {"production": True}, False, True),
    ("aws-rds-multi-az", UNPROTECTED, {"production": False}, False, False),
    ("aws-rds-deletion-protection", UNPROTECTED, {"production": True}, False, True),
]


@pytest.mark.parametrize(("rule", "resource", "config", "before", "after"), CONFIGURED)
def test_a_rule_does_what_its_configuration_says(
    rule: str, resource: Planned, config: dict[str, Any], before: bool, after: bool
) -> None:
    assert set(config) <= set(RULES[rule].config)
    assert bool(violations(rule, resource)) is before
    assert bool(violations(rule, resource, **config)) is after


MANDATORY = {
    "aws-beanstalk-imds-v2",
    "aws-eks-no-world-endpoint",
    "aws-iam-no-administrator",
    "aws-iam-no-star",
    "aws-imds-v2",
    "aws-lambda-callers",
    "aws-lambda-non-root",
    "aws-no-world-ingress",
    "aws-rds-deletion-protection",
    "aws-rds-encrypted",
    "aws-rds-not-public",
    "aws-s3-not-public",
    "aws-s3-public-access-blocked",
}


def test_what_opens_a_door_or_loses_data_is_mandatory_and_all_else_is_said() -> None:
    levels = {id: rule.level for id, rule in RULES.items() if id.startswith("aws-")}
    assert {id for id, level in levels.items() if level is Level.MANDATORY} == MANDATORY
    assert Level.OFF not in levels.values()


@pytest.mark.parametrize("rule", AWS)
def test_a_rule_names_the_controls_that_it_answers_to(rule: str) -> None:
    known = re.compile(
        r"AWS Config: [a-z0-9]+(-[a-z0-9]+)+"
        r"|AWS Security Hub: [A-Za-z0-9]+\.[0-9]+"
        r"|CIS AWS Foundations 5\.0\.0: [0-9]+(\.[0-9]+)+"
        r"|Well-Architected: (Security \(SEC|Reliability \(REL|Cost Optimization \(COST) [0-9]+\)"
    )
    frameworks = RULES[rule].frameworks
    assert all(known.fullmatch(one) for one in frameworks)
    assert any(one.startswith("Well-Architected") for one in frameworks)


def test_judging_a_thousand_resources_takes_less_than_a_second() -> None:
    good = [one for cases in AWS.values() for one in cases.good]
    resources = [replace(good[n % len(good)], name=str(n)) for n in range(1000)]
    assert seconds(resources) < 1
