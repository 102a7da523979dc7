"""What a move reads of AWS, asked of moto for a stack of several services at two berths."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from berth.live.aws import Aws
from berth.live.errors import LiveError
from berth.live.place import Place
from berth.move import edge
from berth.move.watch import Watched, balancer, drain_seconds, forwards, watched
from berth.plan import Plan
from tests.live import ecs_world

Cloud = Callable[[str], Any]


@pytest.fixture
def groups(cloud: Cloud, plan: Plan, named: dict[str, Place]) -> dict[str, str]:
    """The ARNs of the target groups, by their names; a listener forwards to each service's as the plan says."""
    elb = cloud("elbv2")
    for place in named.values():
        ecs_world.target_group(cloud, place)
    arns = {one["TargetGroupName"]: one["TargetGroupArn"] for one in elb.describe_target_groups()["TargetGroups"]}
    subnets = [one["SubnetId"] for one in cloud("ec2").describe_subnets()["Subnets"]][:2]
    made = elb.create_load_balancer(Name=balancer(plan), Subnets=subnets, Scheme="internal")["LoadBalancers"][0]
    for port, weights in enumerate(forwards(plan), 8000):
        listener = elb.create_listener(
            LoadBalancerArn=made["LoadBalancerArn"], Protocol="HTTP", Port=port, DefaultActions=[action(arns, weights)]
        )["Listeners"][0]
    header = {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "x-berth", "Values": ["eks"]}}
    alone = dict.fromkeys(list(weights)[:1], 1)
    elb.create_rule(ListenerArn=listener["ListenerArn"], Priority=1, Conditions=[header], Actions=[action(arns, alone)])
    return arns


def action(arns: Mapping[str, str], weights: Mapping[str, int]) -> dict[str, Any]:
    found = [{"TargetGroupArn": arns[name], "Weight": weight} for name, weight in weights.items()]
    return {"Type": "forward", "ForwardConfig": {"TargetGroups": found}}


def alarm(cloud: Cloud, name: str, state: str) -> None:
    cloudwatch = cloud("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=name, ComparisonOperator="GreaterThanThreshold", EvaluationPeriods=1, Threshold=0, MetricName="x",
        Namespace="AWS/ApplicationELB", Period=60, Statistic="Sum",
    )  # fmt: skip
    cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="7 of 9 failed")


def test_a_plan_says_what_is_looked_at(plan: Plan) -> None:
    """Requests reach two of the four services; the others have neither a target group nor an alarm."""
    assert [one.mooring for one in watched(plan, "eks")] == ["berth-live-eks-billing", "berth-live-eks-shop"]
    shop = watched(plan, "eks")[1]
    assert shop.alarms == ("berth-live-eks-shop-errors", "berth-live-eks-shop-unhealthy") and len(shop.groups) == 1
    assert [sorted(one.values()) for one in forwards(plan)] == [[10, 90], [10, 90]]
    assert drain_seconds(plan) == 30


def test_weights_are_read_back(aws: Aws, cloud: Cloud, plan: Plan, groups: dict[str, str]) -> None:
    name, wanted = str(balancer(plan)), forwards(plan)
    assert edge.wrong_weights(aws, name, wanted) == []
    other = [wanted[0], {group: 50 for group in wanted[1]}]
    first, second = sorted(wanted[1])
    assert edge.wrong_weights(aws, name, other) == [
        f"The load balancer has {wanted[1][first]} for {first}, {wanted[1][second]} for {second},"
        f" and not 50 for {first}, 50 for {second}."
    ]
    assert edge.wrong_weights(aws, name, [{"nobody": 1}]) == ["Nothing forwards to nobody."]


def test_a_stack_that_is_not_up(aws: Aws, plan: Plan) -> None:
    with pytest.raises(LiveError):
        edge.wrong_weights(aws, str(balancer(plan)), forwards(plan))


def test_health_and_alarms(
    aws: Aws, cloud: Cloud, plan: Plan, groups: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shop: list[Watched] = watched(plan, "eks")[1:]
    errors, unhealthy = shop[0].alarms
    ecs_world.health(monkeypatch.setattr, ("healthy", ""), ("initial", ""), ("draining", ""))
    alarm(cloud, errors, "INSUFFICIENT_DATA")
    assert edge.unready(aws, shop) == [
        "berth-live-eks-shop: 1 of 2 targets are healthy.",
        f"The alarm {errors} is INSUFFICIENT_DATA.",
        f"The alarm {unhealthy} is not there.",
    ]
    assert edge.unwell(aws, shop) == [f"The alarm {unhealthy} is not there."]
    alarm(cloud, errors, "ALARM")
    alarm(cloud, unhealthy, "OK")
    ecs_world.health(monkeypatch.setattr, ("unhealthy", "404"))
    assert edge.unwell(aws, shop) == [
        "The load balancer finds 10.0.0.1 of berth-live-eks-shop unhealthy: 404",
        "berth-live-eks-shop has no healthy target.",
        f"The alarm {errors} fires: 7 of 9 failed",
    ]
    alarm(cloud, errors, "OK")
    ecs_world.health(monkeypatch.setattr, ("healthy", ""))
    assert edge.unready(aws, shop) == edge.unwell(aws, shop) == []


def test_a_group_that_is_not_there_has_no_target(aws: Aws, cloud: Cloud, plan: Plan) -> None:
    assert "berth-live-eks-shop has no target yet." in edge.unready(aws, watched(plan, "eks"))
    assert "berth-live-eks-shop has no healthy target." in edge.unwell(aws, watched(plan, "eks"))
