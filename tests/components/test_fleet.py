"""Several services at several berths: what leads where, and that each has what it uses and no more."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import Any

import pytest

from berth.plan import Plan, Resource
from components.rooms.edge.routes import _NEAR, BERTH_HEADER, DEFAULT, MOST_PARTS, Door, _hash, chosen, priority
from components.rooms.network.firewall import INTERNAL_PORT
from components.service.rules import port_number
from tests.programs import Record

SERVICES = """
  berth:services:
    biometric: {uses: [database, billing]}
    shop:
      image: registry.example.com/shop:1.4.2
      path: /shop
      port: 9000
      grants: [{actions: ["s3:GetObject"], resources: ["arn:aws:s3:::shop-media/*"]}]
    billing: {image: "registry.example.com/billing:2.0.1", exposure: internal, path: /billing}
"""
BERTHS = {"ecs-fargate": 90, "eks": 10}


@pytest.fixture(scope="module")
def fleet(record: Record) -> Plan:
    """Three services at two berths."""
    return record(None, f"  berth:berths: {json.dumps(BERTHS)}{SERVICES}")


def of(plan: Plan, token: str, part: str) -> Resource:
    """Return the one resource of a type with a part of its name."""
    [found] = [one for one in plan.of_type(token) if part in one.name]
    return found


def weights(plan: Plan, actions: list[Any], property_: str, owner: Resource) -> list[int]:
    """Return the weights of a forward action, in the order of the berths, and that each group is the service's own."""
    [action] = actions
    groups = action["forward"]["targetGroups"]
    assert len(owner.property_dependencies[property_]) == len(groups)
    return [int(group["weight"]) for group in groups]


def test_every_service_is_moored_at_every_berth(fleet: Plan) -> None:
    assert {(one.service, one.berth, one.weight) for one in fleet.moorings} == {
        (service, berth, weight) for service in ("biometric", "shop", "billing") for berth, weight in BERTHS.items()
    }
    groups = fleet.of_type("aws:lb/targetGroup:TargetGroup")
    assert len({group.inputs["name"] for group in groups}) == 6
    assert {one.name for one in fleet.of_type("berth:berths:Host")} == {"berth-same-ecs-fargate", "berth-same-eks"}


def test_one_listener_rule_a_routed_service_each_with_its_own_weighted_forward(fleet: Plan) -> None:
    public, internal = (of(fleet, "aws:lb/listener:Listener", name) for name in ("listener", "internal"))
    assert weights(fleet, public.inputs["defaultActions"], "defaultActions", public) == [90, 10]
    assert internal.inputs["defaultActions"][0]["fixedResponse"]["statusCode"] == "404"
    assert (public.inputs["port"], internal.inputs["port"]) == (80, INTERNAL_PORT)
    rules = {one.name: one for one in fleet.of_type("aws:lb/listenerRule:ListenerRule")}
    assert {name for name in rules if "---" not in name} == {"berth-same-shop", "berth-same-billing"}
    for rule, listener in ((rules["berth-same-shop"], public), (rules["berth-same-billing"], internal)):
        assert weights(fleet, rule.inputs["actions"], "actions", rule) == [90, 10]
        assert rule.property_dependencies["listenerArn"] == (listener.urn,)
    [condition] = rules["berth-same-shop"].inputs["conditions"]
    assert condition["pathPattern"]["values"] == ["/shop", "/shop/*"]
    assert len(fleet.of_type("aws:apigatewayv2/vpcLink:VpcLink")) == 1
    assert len(fleet.of_type("aws:lb/loadBalancer:LoadBalancer")) == 1


def chosen_rules(plan: Plan) -> dict[str, Resource]:
    """Return the rules by which a header chooses the berth."""
    return {one.name: one for one in plan.of_type("aws:lb/listenerRule:ListenerRule") if "---" in one.name}


def test_a_header_chooses_the_berth_before_the_weights_do(fleet: Plan) -> None:
    rules = {one.name: one for one in fleet.of_type("aws:lb/listenerRule:ListenerRule")}
    found = chosen_rules(fleet)
    services = ("biometric", "shop", "billing")
    assert found.keys() == {f"berth-same-{one}---{berth}" for one in services for berth in BERTHS}
    for name, rule in found.items():
        way, _, berth = name.partition("---")
        service = way.removeprefix("berth-same-")
        header, *others = rule.inputs["conditions"]
        assert header == {"httpHeader": {"httpHeaderName": BERTH_HEADER, "values": [berth]}}
        [action] = rule.inputs["actions"]
        assert len(action["forward"]["targetGroups"]) == 1
        [group] = rule.property_dependencies["actions"]
        assert group == of(fleet, "aws:lb/targetGroup:TargetGroup", f"{berth}-{service}").urn
        if service == "biometric":  # which is the listener's default
            assert rule.inputs["priority"] > max(
                one.inputs["priority"] for name, one in rules.items() if name not in found
            )
        else:
            assert others == rules[way].inputs["conditions"], "it is no way to where the path would not lead"
            assert rule.inputs["priority"] < rules[way].inputs["priority"]
            assert rule.property_dependencies["listenerArn"] == rules[way].property_dependencies["listenerArn"]
            assert rule.urn in rules[way].dependencies, "where one moves on, it does before another takes its place"
    assert len({(one.inputs["priority"], *one.property_dependencies["listenerArn"]) for one in rules.values()}) == 8


def test_no_header_chooses_in_production_or_at_one_berth_or_beyond_the_load_balancers_rules(record: Record) -> None:
    berths = f"  berth:berths: {json.dumps(BERTHS)}\n"
    assert not chosen_rules(record("ecs-fargate"))
    assert not chosen_rules(record(None, f"{berths}  berth:production: true\n  berth:accept: [public-api]\n"))
    ports = {
        service: {f"p{n}": {"port": 9000 + n, "path": f"/{service}/p{n}"} for n in range(4)} for service in "abcdefg"
    }
    services = {one: {"image": "registry.example.com/a:1", "path": f"/{one}", "ports": ports[one]} for one in ports}
    many = record(None, f"{berths}  berth:services: {json.dumps(services)}\n")
    assert len(many.of_type("aws:lb/listenerRule:ListenerRule")) == 35 and not chosen_rules(many)


def test_rules_for_berths_have_places_of_their_own_whatever_stands_there() -> None:
    assert len({_hash(one) % _NEAR for one in ("eks", "ecs-fargate", "ecs-ec2", "ec2", "lambda", "beanstalk")}) == 6
    doors: list[Door] = [(f"service-{n}", f"/service-{n}", None, "") for n in range(300)]
    ordinary = {priority(*door) for door in doors}
    places = chosen(doors, ["eks", "ecs-fargate"])
    assert len(places) == len(set(places.values())) == 600 and not ordinary & set(places.values())
    assert all(place < priority(*door) for (door, _), place in places.items())
    # One that comes moves no other's but where it takes the very place.
    more = chosen([*doors, ("shop", "/shop", None, "")], ["eks", "ecs-fargate"])
    assert sum(more[one] != place for one, place in places.items()) <= 2
    # And a third berth moves none.
    shop: list[Door] = [("shop", "/shop", None, "")]
    assert chosen(shop, ["eks", "ecs-ec2", "lambda"]).items() >= chosen(shop, ["eks", "lambda"]).items()


def test_the_api_cannot_reach_what_is_internal(fleet: Plan) -> None:
    """The VPC link's group may leave to the public listener's port alone."""
    leaves = [
        one.inputs["fromPort"]
        for one in fleet.of_type("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")
        if "link" in one.name
    ]
    assert leaves == [80]


def test_no_two_rules_of_a_security_group_are_alike(fleet: Plan) -> None:
    """AWS refuses the second one (InvalidPermission.Duplicate)."""
    rules = [
        (
            one.type,
            one.property_dependencies["securityGroupId"],
            one.property_dependencies.get("referencedSecurityGroupId", one.inputs.get("cidrIpv4")),
            one.inputs["fromPort"],
        )
        for one in fleet.resources
        if one.type.startswith("aws:vpc/securityGroup")
    ]
    assert len(rules) > 20
    assert len(set(rules)) == len(rules)


def reached(plan: Plan, service: str) -> set[int]:
    """Return the ports that a service's group on Fargate leads to, beside AWS's APIs."""
    return {
        int(one.inputs["fromPort"])
        for one in plan.of_type("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")
        if one.name.startswith(f"berth-same-ecs-fargate-{service}-service-to")
    }


def test_a_service_reaches_what_it_uses_and_no_more(fleet: Plan) -> None:
    assert reached(fleet, "biometric") == {5432, INTERNAL_PORT}
    assert reached(fleet, "shop") == reached(fleet, "billing") == set()
    for service, ports in (("biometric", [INTERNAL_PORT, 443, 5432]), ("shop", [443]), ("billing", [443])):
        policies = fleet.of_type("kubernetes:networking.k8s.io/v1:NetworkPolicy")
        [policy] = [one for one in policies if one.name == f"networkpolicy/{service}"]
        assert [one["port"] for one in policy.inputs["spec"]["egress"][1]["ports"]] == ports


def test_a_way_to_an_internal_service_is_none_to_another_pod() -> None:
    """On EKS the way out is held to a port and not to a group: no service may listen on that port."""
    assert list(port_number.find(INTERNAL_PORT))


def test_a_service_is_told_of_what_it_uses_and_no_more(fleet: Plan) -> None:
    def told(service: str) -> set[str]:
        prefix = f"/berth/berth-same-ecs-fargate-{service}/"
        names = [one.inputs["name"] for one in fleet.of_type("aws:ssm/parameter:Parameter")]
        return {name.removeprefix(prefix) for name in names if name.startswith(prefix)}

    assert told("shop") == told("billing") == set()
    assert {"billing-url", "database-host", "database-password"} <= told("biometric")


@pytest.mark.parametrize("role", ["berth-same-ecs-fargate-shop-task", "berth-same-eks-shop-pod"])
def test_rights_are_granted_on_every_berth(fleet: Plan, role: str) -> None:
    policy = of(fleet, "aws:iam/rolePolicy:RolePolicy", role)
    assert json.loads(policy.inputs["policy"])["Statement"] == [
        {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::shop-media/*"]}
    ]
    others = [one.name for one in fleet.of_type("aws:iam/rolePolicy:RolePolicy") if one.name.endswith("-task-policy")]
    assert others == ["berth-same-ecs-fargate-shop-task-policy"]


def test_without_a_use_there_is_no_database_and_none_is_paid(record: Record) -> None:
    plan = record("ecs-fargate", "  berth:service: {image: 'registry.example.com/shop:1.4.2', uses: []}\n")
    assert not [one for one in plan.resources if one.type.startswith(("aws:rds/", "berth:database"))]
    assert "internal" not in {one.name for one in plan.of_type("aws:lb/listener:Listener")}


def test_the_short_forms_are_the_long_ones(record: Record, plans: dict[str, Plan]) -> None:
    long = record(None, "  berth:berths: {eks: 100}\n  berth:services: {biometric: {}}\n")
    assert long.resources == plans["eks"].resources
    assert long.outputs == plans["eks"].outputs


def test_a_host_is_matched_by_what_the_api_says(record: Record) -> None:
    arn = "arn:aws:acm:eu-central-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"
    plan = record(
        "ecs-fargate",
        f"  berth:api: {{domain: {{name: '*.example.com', certificateArn: '{arn}'}}}}\n"
        "  berth:services:\n"
        "    biometric: {}\n"
        "    shop: {image: 'registry.example.com/shop:1.4.2', host: shop.example.com}\n",
    )
    [rule] = plan.of_type("aws:lb/listenerRule:ListenerRule")
    [condition] = rule.inputs["conditions"]
    assert condition == {"httpHeader": {"httpHeaderName": "berth-host", "values": ["shop.example.com"]}}
    [integration] = plan.of_type("aws:apigatewayv2/integration:Integration")
    assert integration.inputs["requestParameters"]["overwrite:header.berth-host"] == "$context.domainName"


def test_a_rule_stays_where_it_is_whatever_is_added(fleet: Plan, record: Record) -> None:
    admin = "    admin: {image: 'registry.example.com/admin:1', path: /shop/admin}\n"
    more = record(None, f"  berth:berths: {json.dumps(BERTHS)}{SERVICES}{admin}")
    priorities = [
        {one.name: one.inputs["priority"] for one in plan.of_type("aws:lb/listenerRule:ListenerRule")}
        for plan in (fleet, more)
    ]
    assert priorities[1].items() > priorities[0].items()
    assert priorities[1]["berth-same-admin"] < priorities[1]["berth-same-shop"], "the path of more parts is asked first"
    assert all(1 <= priority <= 50_000 for priority in priorities[1].values())


def test_a_stack_from_before_keeps_its_cluster_and_its_data_under_its_old_name(record: Record) -> None:
    """What the engine knows them by: the names of the types around them, and their own."""
    plan = record("ecs-fargate", "  berth:name: biometric-same\n")
    [host] = plan.of_type("berth:berths:Host")
    assert host.aliases == ("urn:pulumi:same::berth::berth:ecs:Fargate::biometric-same-ecs-fargate",)
    [cluster] = plan.of_type("aws:ecs/cluster:Cluster")
    assert cluster.name == "biometric-same-ecs-fargate-cluster"
    [database] = plan.of_type("aws:rds/instance:Instance")
    around = "berth:database:Database$aws:rds/instance:Instance"
    assert database.urn == f"urn:pulumi:same::berth::{around}::biometric-same-db"
    assert database.inputs["identifier"] == "biometric-same-db"


def test_a_host_is_asked_for_first_then_the_path_of_more_parts() -> None:
    deep = "/a" * MOST_PARTS
    ways = [(deep, "x.example"), ("/a", "x.example"), (None, "x.example"), (deep, None), ("/a/b", None), ("/a", None)]
    order = [priority("shop", path, host) for path, host in ways]
    assert order == sorted(set(order)) and order[0] >= 1 and order[-1] <= 50_000
    assert all(priority("zzz", *early) < priority("aaa", *late) for early, late in pairwise(ways)), "whatever the name"
    assert priority("shop", None, None) == DEFAULT


def test_a_path_is_taken_off_where_the_service_wants_it(record: Record) -> None:
    plan = record(
        "ecs-fargate",
        "  berth:services:\n"
        "    biometric: {}\n"
        "    shop: {image: 'registry.example.com/shop:1.4.2', path: /shop.v1, stripPath: true}\n"
        "    site: {image: 'registry.example.com/site:1.4.2', path: /site}\n",
    )
    rules = {one.name: one.inputs.get("transforms") for one in plan.of_type("aws:lb/listenerRule:ListenerRule")}
    [rewrite] = [one["urlRewriteConfig"]["rewrite"] for one in rules["berth-same-shop"] or ()]
    assert rules["berth-same-site"] is None
    sent = {
        path: re.sub(rewrite["regex"], rewrite["replace"].replace("$", "\\"), path)
        for path in ("/shop.v1", "/shop.v1/", "/shop.v1/a/b", "/shop.v1?c=d", "/shop.v1/a?c=/shop.v1/d")
    }
    assert list(sent.values()) == ["/", "/", "/a/b", "/?c=d", "/a?c=/shop.v1/d"]
