"""The deploying role's policies hold what the plans need, and nothing that AWS does not know."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase
from typing import Any

import botocore.session
import pytest

from berth.plan import Plan
from berth.resource_types import RESOURCE_TYPES
from components.berths.registry import BERTHS
from tests.components.conftest import BACKENDS
from tests.programs import ROOT, Record

POLICIES = {path.stem: json.loads(path.read_text()) for path in (ROOT / "docs" / "deployer").glob("*.json")}
STATEMENTS = [statement for policy in POLICIES.values() for statement in policy["Statement"]]
ARN = "arn:aws:acm:eu-central-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"
EVERYTHING = f"""
  berth:production: true
  berth:network: {{zones: 3, interfaceEndpoints: [ecr.api]}}
  berth:ecs-fargate: {{exec: true, spotWeight: 1}}
  berth:ecs-ec2: {{exec: true, maxInstances: 12}}
  berth:lambda: {{provisionedConcurrency: 1}}
  berth:eks: {{adminPrincipalArns: ['arn:aws:iam::123456789012:role/Admin']}}
  berth:api:
    authorization: jwt
    jwt: {{issuer: 'https://id.example.com/', audience: [berth]}}
    cors: {{allowOrigins: ['https://app.example.com']}}
    internalTls: {{serverName: api.example.com, certificateArn: '{ARN}'}}
    domain: {{name: api.example.com, hostedZoneId: Z0123456789ABCDEFGHIJ, certificateArn: '{ARN}'}}
  berth:services:
    biometric: {{uses: [database, billing]}}
    billing: {{image: 'registry.example.com/billing:1', exposure: internal, path: /billing}}
"""
BEHIND = """
    mail:
      kind: worker
      image: 'registry.example.com/mail:1'
      schedules: [{cron: '0 8 * * *', minReplicas: 1, maxReplicas: 2}]
    report: {kind: job, image: 'registry.example.com/report:1', schedule: '0 3 * * *'}
"""
"""What answers no request, which not every berth runs."""
MAKES = re.compile(r":(Create|Put|Register|Add|Invoke|Set|Allocate|Associate|Attach|Authorize|Change|POST)")
ENDS = re.compile(r":(Delete|Deregister|Remove|Release|Disassociate|Detach|Revoke|Change|ScheduleKey|Put|DELETE)")
KEPT = {
    *("docker:index/image:Image", "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders"),
    "aws:lambda/invocation:Invocation",
}
"""What is pushed, what a VPC brings and what a migration did is not deleted by itself."""
CLIENTS = {"apigateway": None, "elasticloadbalancing": "elbv2", "s3": None, "states": "stepfunctions"}
"""Services whose actions are not named after botocore's operations, or whose client has another name."""
NO_OPERATIONS = {
    "iam:PassRole",
    "lambda:InvokeFunction",
    "elasticbeanstalk:AddTags",
    "elasticbeanstalk:RemoveTags",
    "elasticloadbalancing:SetWebAcl",
    "logs:ListLogDeliveries",
} | {f"logs:{verb}LogDelivery" for verb in ("Create", "Delete", "Get", "Update")}


def allowed(action: str) -> list[Any]:
    return [one for one in STATEMENTS if any(fnmatchcase(action, pattern) for pattern in one["Action"])]


@pytest.mark.parametrize("backend", BACKENDS)
def test_every_planned_types_calls_are_allowed(record: Record, backend: str) -> None:
    """What makes and what ends each resource of the largest stack, and all that its record names beside that."""
    plan: Plan = record(backend, EVERYTHING + (BEHIND if "job" in BERTHS[backend].kinds else ""))
    tokens = {item.type for item in plan.resources if item.type.startswith(("aws:", "eks:", "docker:"))}
    assert len(tokens) > 40
    for token in sorted(tokens):
        calls = RESOURCE_TYPES[token].actions
        assert any(MAKES.search(call) for call in calls), f"{token}: nothing makes it"
        kept = token in KEPT
        assert kept or any(ENDS.search(call) for call in calls), f"{token}: nothing ends it"
        assert [call for call in calls if not allowed(call)] == [], token


@pytest.mark.parametrize("backend", BACKENDS)
def test_names_that_are_computed_fit_the_resources(plans: dict[str, Plan], backend: str) -> None:
    def covered(action: str, arn: str) -> bool:
        return any(fnmatchcase(arn, pattern) for one in allowed(action) for pattern in one["Resource"])

    for role in plans[backend].of_type("aws:iam/role:Role"):
        assert covered("iam:PassRole", f"arn:aws:iam::123456789012:role/{role.inputs['name']}")
    for parameter in plans[backend].of_type("aws:ssm/parameter:Parameter"):
        name = parameter.inputs["name"]
        assert covered("ssm:PutParameter", f"arn:aws:ssm:eu-central-1:123456789012:parameter{name}")
    for bucket in plans[backend].of_type("aws:s3/bucket:Bucket"):
        assert covered("s3:CreateBucket", f"arn:aws:s3:::{bucket.inputs['bucket']}")
    for function in plans[backend].of_type("aws:lambda/function:Function"):
        name = function.inputs["name"]
        assert covered("lambda:CreateFunction", f"arn:aws:lambda:eu-central-1:123456789012:function:{name}")
    for repository in plans[backend].of_type("aws:ecr/repository:Repository"):
        where = f"arn:aws:ecr:eu-central-1:123456789012:repository/{repository.inputs['name']}"
        assert covered("ecr:PutImage", where)
        assert covered("ecr:ListImages", where)
    # Whether there is a repository yet is seen in the list of all of them.
    assert covered("ecr:DescribeRepositories", "arn:aws:ecr:eu-central-1:123456789012:repository/*")
    assert not covered("iam:PassRole", "arn:aws:iam::123456789012:role/Admin")
    assert not covered("ssm:GetParameters", "arn:aws:ssm:eu-central-1:123456789012:parameter/other/password")


def test_aws_knows_every_action() -> None:
    session = botocore.session.get_session()
    for action in sorted({action for one in STATEMENTS for action in one["Action"]} - NO_OPERATIONS):
        service, _, pattern = action.partition(":")
        client = CLIENTS.get(service, service)
        if client:
            names = session.get_service_model(client).operation_names
            assert any(fnmatchcase(name, pattern) for name in names), action


@pytest.mark.parametrize("name", POLICIES)
def test_a_managed_policy_has_room_for_each(name: str) -> None:
    assert len(re.sub(r"\s", "", json.dumps(POLICIES[name]))) <= 6144
    assert not any(action.endswith(":*") for one in POLICIES[name]["Statement"] for action in one["Action"])


def test_what_is_written_is_up_to_date() -> None:
    from scripts import deployer_policy

    assert {path.stem: json.loads(text) for path, text in deployer_policy.outputs().items()} == POLICIES
