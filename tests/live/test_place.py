"""What the commands learn of a stack from its Plan: names, kinds, and where a service leads."""

from __future__ import annotations

from dataclasses import replace

import pytest

from berth.errors import ConfigError
from berth.live.place import Place, access, leading, places
from berth.plan import Plan


def test_every_service_at_every_berth_is_a_place_of_its_kind(named: dict[str, Place]) -> None:
    assert {name: (one.kind, one.orchestrator, bool(one.target_groups)) for name, one in named.items()} == {
        "billing@ecs-fargate": ("web", "ecs", True),
        "billing@eks": ("web", "kubernetes", True),
        "mailer@ecs-fargate": ("worker", "ecs", False),
        "mailer@eks": ("worker", "kubernetes", False),
        "report@ecs-fargate": ("job", "ecs", False),
        "report@eks": ("job", "kubernetes", False),
        "shop@ecs-fargate": ("web", "ecs", True),
        "shop@eks": ("web", "kubernetes", True),
    }


@pytest.mark.parametrize("service", ["shop", "mailer", "report"])
@pytest.mark.parametrize("at", ["ecs-fargate", "eks"])
def test_names_are_those_of_the_resources(plan: Plan, named: dict[str, Place], service: str, at: str) -> None:
    """What the commands ask for is what `up` makes, by type and name."""
    place = named[f"{service}@{at}"]
    there = {(one.type, name) for one in plan.resources if isinstance(name := one.inputs.get("name"), str)}
    objects = {
        (one.inputs["kind"], one.inputs["metadata"]["name"]) for one in plan.resources if "metadata" in one.inputs
    }
    assert ("aws:cloudwatch/logGroup:LogGroup", place.log_group) in there
    assert all(("aws:lb/targetGroup:TargetGroup", name) in there for name in place.target_groups)
    if at == "eks":
        assert ("eks:index:Cluster", place.cluster) in there
        assert ("CronJob" if service == "report" else "Deployment", service) in objects
        assert ("Namespace", service) in objects
    elif service == "report":
        assert ("aws:sfn/stateMachine:StateMachine", place.name) in there
        assert place.schedule == f"default/{place.name}"
        assert ("aws:scheduler/schedule:Schedule", place.name) in there
    else:
        assert {("aws:ecs/cluster:Cluster", place.cluster), ("aws:ecs/service:Service", service)} <= there


@pytest.mark.parametrize(("kind", "service"), [("Deployment", "shop"), ("Deployment", "mailer"), ("CronJob", "report")])
def test_pods_have_the_label_that_the_commands_and_the_logs_collector_choose_them_by(
    plan: Plan, kind: str, service: str
) -> None:
    (spec,) = (
        one.inputs["spec"]
        for one in plan.resources
        if one.inputs.get("kind") == kind and one.inputs.get("metadata", {}).get("name") == service
    )
    template = (spec["jobTemplate"]["spec"] if kind == "CronJob" else spec)["template"]
    assert template["metadata"]["labels"] == {"app.kubernetes.io/name": service}
    (config,) = (
        one.inputs["data"]["config.alloy"]
        for one in plan.resources
        if one.inputs.get("kind") == "ConfigMap" and one.inputs["metadata"]["name"] == f"{service}-logs"
    )
    assert f'label = "app.kubernetes.io/name={service}"' in config


def test_a_service_leads_where_its_weight_is_highest(plan: Plan) -> None:
    assert leading(places(plan, "report")).berth == "ecs-fargate"
    assert leading(places(plan, "report", "eks")).berth == "eks"


def test_a_container_has_its_place_and_a_shell_is_a_switch_of_the_berth(named: dict[str, Place]) -> None:
    assert named["shop@eks"].containers == ("shop",)
    assert named["shop@eks"].image == "registry.example.com/shop:1.4.2"
    assert (named["shop@ecs-fargate"].exec, named["shop@eks"].exec) == (False, True)


def test_a_stack_without_services_or_region_says_so(plan: Plan) -> None:
    bare = replace(plan, resources=())
    with pytest.raises(ConfigError, match="runs no service that Berth knows"):
        places(bare)
    with pytest.raises(ConfigError, match=r"names no region.\nExample, in Pulumi.live.yaml: aws:region"):
        access(replace(plan, config={}))
