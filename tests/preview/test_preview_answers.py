"""A finding that a stack file can answer names the key; what the key says then mends it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from berth.answers import ANSWERS, answer
from berth.judgement import judge_plan
from berth.plan import Plan, Resource
from berth.views.common import Violation
from policy.rules.registry import RULES
from tests.programs import ROOT, recorder

JWT = "  berth:api: {authorization: jwt, jwt: {issuer: 'https://id.example.com/', audience: [shop]}}\n"
WEAK = "  berth:database: {backupRetentionDays: 3}\n"
STRONG = (
    "  berth:database: {backupRetentionDays: 7, multiAz: true, deletionProtection: true}\n"
    "  berth:api: {authorization: iam, logRetentionDays: 365}\n"
    "  berth:network: {flowLogRetentionDays: 365}\n"
    "  berth:service: {logRetentionDays: 365}\n"
)


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A configuration that is stricter than the pack's own."""
    file = tmp_path_factory.mktemp("pack") / "policy.json"
    production = {"production": True}
    strict = {"aws-rds-multi-az": production, "aws-rds-deletion-protection": production}
    file.write_text(json.dumps({**strict, "aws-log-retention": {"minimumDays": 365}}))
    return file


def found(factory: pytest.TempPathFactory, backend: str, more: str, pack: Path) -> Sequence[Violation]:
    plan = recorder(factory, "dev")(backend, more)
    # Only the name of the stack is read from here, and whether it is in production.
    return judge_plan(plan, ROOT, pack).violations


def test_every_answer_is_one_and_none_is_left(tmp_path_factory: pytest.TempPathFactory, pack: Path) -> None:
    given: dict[str, set[str]] = {}
    for backend in ("ecs-fargate", "ecs-ec2"):
        for one in found(tmp_path_factory, backend, WEAK, pack):
            if one.answer:
                given.setdefault(one.policy, set()).add(one.answer)
        left = [one for one in found(tmp_path_factory, backend, STRONG, pack) if one.answer]
        assert left == []
    expected = {rule: {f"In the stack's config, write {text}." for text in by.values()} for rule, by in ANSWERS.items()}
    assert given == expected
    keys = {key for texts in given.values() for text in texts for key in re.findall(r"berth:[\w.]+\w", text)}
    written = {
        f"berth:{name}.{key}"
        for name, values in re.findall(r"berth:(\w+): {(.*)}", STRONG + JWT)
        for key in re.findall(r"(\w+):(?= )", values)
    }
    assert keys - {"berth:api.jwt"} <= written
    assert given.keys() <= RULES.keys()


def test_tokens_answer_the_standing_finding(tmp_path_factory: pytest.TempPathFactory, pack: Path) -> None:
    rule = "aws-api-route-authorized"
    (one,) = [one for one in found(tmp_path_factory, "eks", "", pack) if one.policy == rule]
    assert "berth:api.authorization: jwt" in one.answer and one.advice == one.answer
    assert rule not in {one.policy for one in found(tmp_path_factory, "eks", JWT, pack)}


def test_another_program_is_told_of_no_key() -> None:
    """Nor is a resource of this one that the key does not reach."""
    type_ = "aws:apigatewayv2/route:Route"
    for around in ("shop:edge:Edge$", "berth:network:Network$", ""):
        route = Resource(
            f"urn:pulumi:dev::shop::{around}{type_}::r", type_, "r", around or None, {"authorizationType": "NONE"}
        )
        assert answer("aws-api-route-authorized", route) == ""
    assert answer("aws-api-route-authorized", None) == ""
    root = Path(ROOT)
    violations = judge_plan(Plan("dev", (route,), {}), root).violations
    assert [one.answer for one in violations if one.policy == "aws-api-route-authorized"] == [""]
