"""Several berths and several services: what may be written, and what is said when it may not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.settings.judging import Judge

IMAGE = "registry.example/app:1"
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"


def services(judge: Judge, backend: str = "ecs-fargate", api: Any = None, **given: Any) -> dict[str, str]:
    """Return the problems, by key, of a stack of prebuilt services."""
    several = {name: {"image": IMAGE, **keys} for name, keys in given.items()}
    problems = judge(backend=backend, services=several, api=api or {})
    return {problem.key.removeprefix("berth:"): problem.problem for problem in problems}


def berths(judge: Judge, weights: Any, **sections: Any) -> list[str]:
    """Return the problems of a stack at several berths, a line each."""
    problems = judge({"aws:region": "us-east-1", "berth:berths": weights}, **sections)
    return [line for problem in problems for line in problem.problem.splitlines()]


# --- berths ---


@pytest.mark.parametrize("weights", [{"eks": 1}, {"ecs-fargate": 90, "eks": 10}, {"eks": 0, "ecs-ec2": 999}])
def test_weights_that_a_load_balancer_takes(judge: Judge, weights: dict[str, int]) -> None:
    assert berths(judge, weights) == []


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ({"eks": 0, "ecs-fargate": 0}, "No berth has a weight above 0, so no request would be answered."),
        ({"eks": 1000}, "1000 of eks is too large."),
        ({"eks": -1, "ecs-ec2": 1}, "-1 of eks is too small."),
        ({"fargate": 1}, "fargate is no berth; did you mean ecs-fargate?"),
        ({"eks": "much"}, "eks: This is not a whole number."),
        ({"eks": True}, "eks: This is not a whole number."),
    ],
)
def test_weights_that_it_does_not(judge: Judge, weights: dict[str, Any], said: str) -> None:
    assert said in berths(judge, weights)


def test_a_stack_needs_one_way_to_name_its_berths(judge: Judge) -> None:
    [problem] = judge({"aws:region": "us-east-1"})
    assert (problem.key, problem.problem) == ("berth:backend", "It is missing, and there is no default.")
    [problem] = judge(berths={"eks": 1})
    assert problem.key == "berth:backend" and "leave it out" in "\n".join(problem.lines())


def test_every_berth_in_use_is_checked(judge: Judge) -> None:
    odd = {"cpu": 300, "memory": 700}
    assert len(berths(judge, {"eks": 1, "ecs-fargate": 1}, service=odd)) == 1
    assert berths(judge, {"eks": 1, "ecs-ec2": 1}, service=odd) == []


def test_addresses_are_counted_at_every_berth(judge: Judge) -> None:
    small = {"network": {"cidr": "10.9.8.0/23"}, "service": {"maxReplicas": 60}}
    assert berths(judge, {"ecs-fargate": 1}, **small) == []
    [said] = berths(judge, {"ecs-fargate": 1, "eks": 1}, **small)
    assert "the services at their largest take about" in said


def test_the_old_name_of_a_berths_keys_leads_to_the_new_ones(judge: Judge) -> None:
    [problem] = judge(ecs={"spotWeight": 1})
    assert problem.problem.endswith("Did you mean berth:ecs-fargate?")


# --- services ---


def test_services_are_judged_each_under_its_own_key(judge: Judge) -> None:
    found = services(judge, shop={"cpu": 300}, admin={"path": "/admin", "port": 80, "zzz": 1})
    assert found.keys() == {"services.shop.cpu", "services.admin.port", "services.admin.zzz"}


def test_instances_hold_all_services_together(judge: Judge) -> None:
    assert services(judge, "ecs-ec2", one={"maxReplicas": 3}, two={"maxReplicas": 3, "path": "/two"}) == {}
    found = services(judge, "ecs-ec2", one={"maxReplicas": 4}, two={"maxReplicas": 4, "path": "/two"})
    assert "services.one.maxReplicas and services.two.maxReplicas ask for" in found["ecs-ec2.maxInstances"]


@pytest.mark.parametrize("name", ["Shop", "shop_1", "internal", "s" * 21])
def test_names_of_services(judge: Judge, name: str) -> None:
    problems = judge(services={name: {"image": IMAGE}})
    assert [problem.key for problem in problems] == ["berth:services"]


def test_a_service_has_one_name_and_one_place(judge: Judge) -> None:
    assert "the key it stands under" in services(judge, shop={"name": "other"})["services.shop.name"]
    problems = judge(service={"cpu": 512}, services={"shop": {"image": IMAGE}})
    assert [problem.key for problem in problems] == ["berth:service"]


def test_two_services_are_not_reached_in_the_same_way(judge: Judge) -> None:
    assert services(judge, shop={}, admin={"path": "/admin"}, billing={"exposure": "internal"}) == {}
    assert services(judge, shop={}, admin={})["services.admin.path"].startswith("services.shop is reached")
    found = services(judge, shop={"path": "/a"}, admin={"path": "/a"})
    assert "public, path /a." in found["services.admin.path"]


@pytest.mark.parametrize("path", ["shop", "/", "/shop/", "/shop/*", "/a b", "/" + "a" * 126, "/a" * 9])
def test_paths_that_no_rule_takes(judge: Judge, path: str) -> None:
    assert "services.shop.path" in services(judge, shop={"path": path})


@pytest.mark.parametrize("name", ["default", "kube-system"])
def test_a_namespace_of_kubernetes_is_no_service(judge: Judge, name: str) -> None:
    problems = judge(backend="eks", services={name: {"image": IMAGE}})
    assert [problem.key for problem in problems] == ["berth:services"]
    problems = judge(backend="eks", service={"image": IMAGE, "name": name})
    assert [problem.key for problem in problems] == ["berth:service.name"]
    assert judge(services={name: {"image": IMAGE}}) == [], "a name like another on ECS"


def test_no_two_rules_of_the_load_balancer_have_one_place(judge: Judge) -> None:
    """These two have one hash, and so one priority among paths of as many parts."""
    assert services(judge, s3={"path": "/a/b"}, search={"path": "/c"}) == {}
    assert services(judge, s3={"path": "/a", "exposure": "internal"}, search={"path": "/c"}) == {}
    found = services(judge, s3={"path": "/a"}, search={"path": "/c"})
    assert "the same priority as services.s3" in found["services.search.path"]


def test_a_host_is_one_that_the_api_answers_to(judge: Judge) -> None:
    def said(host: str, domain: str, **keys: Any) -> dict[str, str]:
        api = {"domain": {"name": domain, "certificateArn": CERTIFICATE}} if domain else None
        return services(judge, api=api, shop={"host": host, **keys})

    assert said("shop.example.com", "*.example.com") == said("api.example.com", "api.example.com") == {}
    for host, domain in (("a.shop.example.com", "*.example.com"), ("shop.example.com", "api.example.com")):
        assert "api.domain.name is" in said(host, domain)["services.shop.host"]
    assert "there is no api.domain" in said("shop.example.com", "")["services.shop.host"]
    assert "by its path alone" in said("api.example.com", "api.example.com", exposure="internal")["services.shop.host"]


# --- what a service uses ---


def test_what_is_used_is_there(judge: Judge) -> None:
    assert services(judge, shop={"uses": ["database", "billing"]}, billing={"exposure": "internal"}) == {}
    found = services(judge, shop={"uses": ["queue"]}, billing={"exposure": "internal", "uses": ["billing"]})
    assert found["services.shop.uses"].startswith("queue is no room of the program")
    assert "services.billing.uses" in found, "no service uses itself"
    assert "services.shop.uses" in services(judge, shop={"uses": ["admin"]}, admin={"path": "/admin"}), "public"


def test_an_internal_service_is_not_named_like_a_room(judge: Judge) -> None:
    found = services(judge, shop={"uses": ["database"]}, database={"exposure": "internal"})
    assert "means the program's own database" in found["services"]
    assert services(judge, shop={"uses": ["database"]}, database={"path": "/database"}) == {}


def test_an_address_is_not_shadowed(judge: Judge) -> None:
    found = services(
        judge, shop={"uses": ["billing"], "environment": {"BILLING_URL": "x"}}, billing={"exposure": "internal"}
    )
    assert "BILLING_URL would shadow the address of billing" in found["services.shop.environment"]


def test_a_database_that_nobody_uses_is_not_described(judge: Judge) -> None:
    problems = judge(services={"shop": {"image": IMAGE}}, database={"storageGib": 50})
    assert [problem.key for problem in problems] == ["berth:database"]
    assert judge(service={"image": IMAGE}, database={"storageGib": 50}) == [], "the only service has it by default"


@pytest.mark.parametrize(
    ("grant", "key"),
    [
        ({"actions": ["s3:*"], "resources": ["arn:aws:s3:::a/*"]}, "actions"),
        ({"actions": ["*"], "resources": ["arn:aws:s3:::a/*"]}, "actions"),
        ({"actions": ["s3:Get*"], "resources": ["arn:aws:s3:::a"]}, "actions"),
        ({"actions": ["s3:GetObject"], "resources": ["*"]}, "resources"),
        ({"actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::*/a"]}, "resources"),
        ({"actions": ["s3:GetObject"], "resources": []}, "resources"),
        ({"actions": [], "resources": ["arn:aws:s3:::a"]}, "actions"),
        ({"actions": ["s3:GetObject"]}, "resources"),
        ({"actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::a"], "effect": "Deny"}, "effect"),
    ],
)
def test_rights_have_no_wildcard(judge: Judge, grant: dict[str, Any], key: str) -> None:
    """Each is refused under the key of the grants, and what is named there is right."""
    fine = {"actions": ["sqs:SendMessage"], "resources": ["arn:aws:sqs:us-east-1:123456789012:jobs"]}
    assert services(judge, shop={"grants": [fine]}) == {}
    found = services(judge, shop={"grants": [fine, grant]})
    assert found.keys() == {"services.shop.grants"}, found
