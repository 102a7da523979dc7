"""``berth:deployment``: what may be written, and what is said when it may not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.settings.judging import Judge


@pytest.mark.parametrize(
    "given", [{"strategy": "canary", "percent": 5}, {"strategy": "blue-green", "bakeMinutes": 15}, {"alarms": True}, {}]
)
@pytest.mark.parametrize("berth", ["ecs-fargate", "ecs-ec2"])
def test_ecs_takes_every_strategy(judge: Judge, berth: str, given: dict[str, Any]) -> None:
    assert judge(backend=berth, deployment=given) == []


@pytest.mark.parametrize(
    ("given", "key"), [({"strategy": "linear"}, "deployment.strategy"), ({"alarms": True}, "deployment.alarms")]
)
def test_where_nothing_shifts_requests_a_release_rolls(judge: Judge, given: dict[str, Any], key: str) -> None:
    [problem] = judge(backend="eks", deployment=given)
    assert problem.key == f"berth:{key}" and "at eks" in problem.problem and "ecs-fargate" in problem.allowed
    assert judge(backend="eks", deployment={"strategy": "rolling"}) == []


def test_weights_and_shifted_releases_are_never_both(judge: Judge) -> None:
    several = {"aws:region": "us-east-1", "berth:berths": {"ecs-fargate": 100, "ecs-ec2": 0}}
    [problem] = judge(several, deployment={"strategy": "canary"})
    assert problem.key == "berth:deployment.strategy" and "several berths" in problem.problem
    assert judge(several, deployment={"alarms": True}) == []


@pytest.mark.parametrize(
    ("strategy", "key"), [("rolling", "bakeMinutes"), ("blue-green", "percent"), ("blue-green", "stepMinutes")]
)
def test_a_key_that_the_strategy_does_not_read_is_refused(judge: Judge, strategy: str, key: str) -> None:
    [problem] = judge(deployment={"strategy": strategy, key: 10})
    assert problem.key == f"berth:deployment.{key}"


def test_a_service_that_is_shifted_has_one_port(judge: Judge) -> None:
    ports = {"admin": {"port": 9000, "path": "/admin"}}
    assert judge(service={"ports": ports}) == []
    [problem] = judge(service={"ports": ports}, deployment={"strategy": "blue-green"})
    assert problem.key == "berth:service.ports"
