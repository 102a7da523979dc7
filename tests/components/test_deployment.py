"""``berth:deployment``: what ECS is told of a release, and what is left to it."""

from __future__ import annotations

import json
from itertools import product
from typing import Any

import botocore.session
import pytest
from botocore.model import StructureShape

from berth.plan import Plan, Resource
from components.deployment import DeploymentSettings
from components.rooms.edge.routes import priority, shifted
from tests.programs import Record

SERVICES = """\
  berth:services:
    site: {image: "registry.example.com/site:1"}
    shop: {image: "registry.example.com/shop:1", path: /shop}
    mail: {kind: worker, image: "registry.example.com/mail:1"}
"""


@pytest.fixture(scope="module")
def rolling(record: Record) -> Plan:
    return record("ecs-fargate", f"  berth:deployment: {{alarms: true}}\n{SERVICES}")


@pytest.fixture(scope="module")
def canary(record: Record) -> Plan:
    return record("ecs-fargate", f"  berth:deployment: {{strategy: canary, percent: 5, stepMinutes: 60}}\n{SERVICES}")


def named(plan: Plan, token: str) -> dict[str, Resource]:
    return {one.name.removeprefix("berth-same-"): one for one in plan.of_type(token)}


SERVICE, RULE = "aws:ecs/service:Service", "aws:lb/listenerRule:ListenerRule"


def test_a_rolling_release_is_taken_back_by_its_services_own_alarm(rolling: Plan, canary: Plan, record: Record) -> None:
    for plan in (rolling, canary):
        alarms = {name: one.inputs.get("alarms") for name, one in named(plan, SERVICE).items()}
        told = {name.split("-")[2]: alarm for name, alarm in alarms.items()}
        assert told["mail"] is None, "nobody calls it, so nothing is counted"
        for service in ("site", "shop"):
            alarm = f"berth-same-ecs-fargate-{service}-errors"
            assert told[service] == {"alarmNames": [alarm], "enable": True, "rollback": True}
            [made] = [one for one in plan.of_type("aws:cloudwatch/metricAlarm:MetricAlarm") if one.name == alarm]
            [service_] = [one for name, one in named(plan, SERVICE).items() if f"-{service}-" in name]
            assert made.urn in service_.dependencies
    assert all("alarms" not in one.inputs for one in record("ecs-fargate").of_type(SERVICE))


def test_ecs_is_told_how_to_shift_in_words_that_it_knows(canary: Plan) -> None:
    shop, mail = (named(canary, SERVICE)[f"ecs-fargate-{name}"] for name in ("shop-service-8080", "mail-service"))
    assert shop.inputs["deploymentConfiguration"] == {
        "strategy": "CANARY",
        "bakeTimeInMinutes": "5",
        "canaryConfiguration": {"canaryPercent": 5, "canaryBakeTimeInMinutes": "60"},
    }
    assert "deploymentConfiguration" not in mail.inputs
    model = botocore.session.get_session().get_service_model("ecs")
    shape = model.shape_for("DeploymentConfiguration")
    assert isinstance(shape, StructureShape)
    assert set(shape.members["strategy"].enum) == {"ROLLING", "BLUE_GREEN", "LINEAR", "CANARY"}
    [balancer] = shop.inputs["loadBalancers"]
    assert set(balancer["advancedConfiguration"]) == {"alternateTargetGroupArn", "productionListenerRule", "roleArn"}


def test_what_ecs_changes_is_left_to_it(rolling: Plan, canary: Plan) -> None:
    services, rules = named(canary, SERVICE), named(canary, RULE)
    assert set(services["ecs-fargate-shop-service-8080"].ignore_changes) == {"desiredCount", "loadBalancers"}
    assert {tuple(one.ignore_changes) for one in rules.values()} == {("actions",)}
    # Elsewhere the stack file has the last word.
    assert {one for rule in named(rolling, RULE).values() for one in rule.ignore_changes} == set()
    assert {one for each in named(rolling, SERVICE).values() for one in each.ignore_changes} == {"desiredCount"}


def test_a_service_that_is_shifted_has_two_groups_and_a_rule_even_for_every_path(rolling: Plan, canary: Plan) -> None:
    groups, rules = named(canary, "aws:lb/targetGroup:TargetGroup"), named(canary, RULE)
    assert groups.keys() == {f"ecs-fargate-{one}" for one in ("site", "site--alternate", "shop", "shop--alternate")}
    assert len({group.inputs["name"] for group in groups.values()}) == 4
    assert rules.keys() == {"site--8080", "shop--8080"}
    assert rules["site--8080"].inputs["conditions"] == [{"pathPattern": {"values": ["/*"]}}]
    for name, rule in rules.items():
        [action] = rule.inputs["actions"]
        assert [group["weight"] for group in action["forward"]["targetGroups"]] == [100, 0]
        service = f"ecs-fargate-{name.partition('--')[0]}"
        assert {groups[service].urn, groups[f"{service}--alternate"].urn} == set(rule.property_dependencies["actions"])
        assert rule.urn in named(canary, SERVICE)[f"{service}-service-8080"].property_dependencies["loadBalancers"]


def test_whoever_changes_to_shifting_loses_no_request(rolling: Plan, canary: Plan) -> None:
    """The new service is one beside the old; its rule is asked first and begins with the group the old one fills."""
    assert named(rolling, SERVICE).keys() & named(canary, SERVICE).keys() == {"ecs-fargate-mail-service"}
    names = [{str(one.inputs["name"]) for one in named(plan, SERVICE).values()} for plan in (rolling, canary)]
    assert names[0] & names[1] == {"mail"}
    before, after = (named(plan, "aws:lb/targetGroup:TargetGroup") for plan in (rolling, canary))
    assert before == {name: one for name, one in after.items() if name in before}
    assert named(rolling, "aws:lb/listener:Listener") == named(canary, "aws:lb/listener:Listener")
    old, new = (named(plan, RULE) for plan in (rolling, canary))
    assert new["shop--8080"].inputs["priority"] < old["shop"].inputs["priority"] < new["site--8080"].inputs["priority"]


def test_two_ports_of_a_service_have_a_rule_each_and_all_paths_come_last() -> None:
    one, other = (priority("shop", "/shop", None, before=shifted(port)) for port in (8080, 8081))
    assert one != other
    last = [priority("shop", path, host) for path, host in product(("/shop", "/shop/a"), (None, "a.example"))]
    assert max(last) < priority("shop", None, None, before=shifted(8080)) <= 50_000


@pytest.mark.parametrize(
    ("given", "minutes"),
    [
        ({}, 0),
        ({"strategy": "blue-green", "bake_minutes": 7}, 7),
        ({"strategy": "canary", "step_minutes": 60, "bake_minutes": 5}, 65),
        ({"strategy": "linear", "percent": 30, "step_minutes": 10, "bake_minutes": 5}, 35),
    ],
)
def test_a_release_waits_as_long_as_it_is_told(given: dict[str, Any], minutes: int) -> None:
    assert DeploymentSettings(**given).waiting_minutes == minutes


def test_ecs_may_shift_requests_and_nothing_else(canary: Plan) -> None:
    roles = {name: one for name, one in named(canary, "aws:iam/role:Role").items() if name.endswith("-shift")}
    assert roles.keys() == {"ecs-fargate-site-shift", "ecs-fargate-shop-shift"}
    for name, role in roles.items():
        [trust] = json.loads(role.inputs["assumeRolePolicy"])["Statement"]
        assert trust["Principal"] == {"Service": "ecs.amazonaws.com"}
        attached = [
            one for one in canary.of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment") if name in one.name
        ]
        policy = "arn:aws:iam::aws:policy/AmazonECSInfrastructureRolePolicyForLoadBalancers"
        assert [one.inputs["policyArn"] for one in attached] == [policy]
