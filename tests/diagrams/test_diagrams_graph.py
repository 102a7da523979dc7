"""What is on the pictures: golden graphs, and what must hold for any Plan."""

from __future__ import annotations

import dataclasses
from itertools import product

import pytest

from berth.diagrams import KINDS, Kind, build, load
from berth.plan import UNKNOWN, Plan, Resource, Secret, Value
from berth.resource_types import RESOURCE_TYPES
from tests.diagrams.regenerate import GOLDEN, HOW, ROOT, STACKS, golden

SHARES = {"ecs-fargate": "90 %", "eks": "10 %"}
"""Of the fleet's requests, by berth."""


def added(plan: Plan, *resources: Resource) -> Plan:
    return dataclasses.replace(plan, resources=(*plan.resources, *resources))


@pytest.mark.parametrize("stack", STACKS)
def test_nodes_and_edges_are_the_golden_ones(plans: dict[str, Plan], stack: str) -> None:
    expected = (GOLDEN / f"{stack}.txt").read_text(encoding="utf-8")
    assert golden(plans[stack]) == expected, HOW


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_hundred_resources_become_a_picture(plans: dict[str, Plan], stack: str, kind: Kind) -> None:
    graph = build(plans[stack], kind)
    assert 12 <= len(graph.nodes) <= (29 if stack == "fleet" else 25)
    assert 12 <= len(graph.edges) <= (32 if stack == "fleet" else 30)


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_end_and_box_exists(plans: dict[str, Plan], stack: str, kind: Kind) -> None:
    graph = build(plans[stack], kind)
    nodes, groups = {node.id for node in graph.nodes}, {group.id for group in graph.groups}
    assert len(nodes) == len(graph.nodes)
    assert len(groups) == len(graph.groups)
    assert {end for edge in graph.edges for end in (edge.source, edge.target)} <= nodes
    assert {node.group for node in graph.nodes} - {None} <= groups
    assert {group.parent for group in graph.groups} - {None} <= groups


@pytest.mark.parametrize("stack", STACKS)
def test_the_order_of_resources_does_not_matter(plans: dict[str, Plan], stack: str) -> None:
    plan = plans[stack]
    turned = dataclasses.replace(plan, resources=tuple(reversed(plan.resources)))
    for kind in KINDS:
        a, b = build(plan, kind), build(turned, kind)
        assert a.text() == b.text()


@pytest.mark.parametrize("kind", KINDS)
def test_an_unknown_type_shows_up_and_so_does_what_it_refers_to(plans: dict[str, Plan], kind: Kind) -> None:
    plan = plans["eks-dev"]
    database = plan.of_type("aws:rds/instance:Instance")[0]
    queue = Resource(
        urn="urn:pulumi:eks-dev::berth::aws:sqs/queue:Queue::jobs",
        type="aws:sqs/queue:Queue",
        name="jobs",
        parent=None,
        inputs={},
        dependencies=(database.urn,),
        property_dependencies={"redrivePolicy": (database.urn,)},
    )
    graph = build(added(plan, queue), kind)
    node = next(node for node in graph.nodes if node.kind == "aws:sqs/queue:Queue")
    assert node.title == "sqs.Queue"
    edge = next(edge for edge in graph.edges if edge.source == node.id)
    assert (edge.target, edge.label) == ("database/database", "redrivePolicy")


def test_a_firewall_rule_removed_removes_its_arrow(plans: dict[str, Plan]) -> None:
    plan = plans["ecs-fargate-dev"]
    arrow = ("ecs-fargate/workload", "database/database")
    assert arrow in {(edge.source, edge.target) for edge in build(plan, "full").edges}
    kept = tuple(
        r for r in plan.resources if not (r.type.endswith("IngressRule") and "database-from-service" in r.name)
    )
    cut = build(dataclasses.replace(plan, resources=kept), "full")
    assert arrow not in {(edge.source, edge.target) for edge in cut.edges}


@pytest.mark.parametrize(
    ("kind", "cards"),
    [("full", ["workload"]), ("application", ["workload@billing", "workload@biometric", "workload@shop"])],
)
def test_the_load_balancers_arrows_say_each_berths_share(plans: dict[str, Plan], kind: Kind, cards: list[str]) -> None:
    graph = build(plans["fleet"], kind)
    shares = {edge.target: edge.label for edge in graph.edges if edge.source == "edge/alb" and edge.style == "call"}
    assert shares == {f"{berth}/{card}": share for berth, share in SHARES.items() for card in cards}


def test_a_card_says_whose_it_is_and_who_reaches_it(plans: dict[str, Plan]) -> None:
    for kind, berth in product(KINDS, SHARES):
        cards = {n.id: f"{n.title}\n{n.detail}" for n in build(plans["fleet"], kind).nodes if n.component == berth}
        assert all(name in "".join(cards.values()) for name in ("biometric", "shop", "billing"))
        if kind == "application":
            assert "internal: /billing" in cards[f"{berth}/workload@billing"]
            assert "public: /shop" in cards[f"{berth}/workload@shop"]


def test_only_who_uses_the_database_or_a_service_calls_it(plans: dict[str, Plan]) -> None:
    edges = build(plans["fleet"], "application").edges
    callers = {edge.source for edge in edges if edge.style == "call" and edge.target == "database/database"}
    back = {edge.source for edge in edges if edge.source.partition("/")[0] in SHARES and edge.target == "edge/alb"}
    assert callers == {f"{berth}/workload@{name}" for berth in SHARES for name in ("biometric", "report")}
    assert back == {f"{berth}/workload@{name}" for berth in SHARES for name in ("biometric", "mail")}
    called = {edge.target.partition("@")[2] for edge in edges if edge.source == "edge/alb"}
    assert called == {"biometric", "billing", "shop"}, "nobody calls a worker or a job"


def test_an_empty_plan_is_an_empty_picture() -> None:
    graph = build(Plan("none", (), {}), "full")
    assert (graph.nodes, graph.edges, graph.groups) == ((), (), ())


def test_production_with_a_domain_is_drawn_whole(rich: Plan) -> None:
    types = {resource.type for resource in rich.resources if resource.custom or resource.remote}
    assert all(RESOURCE_TYPES[token].look for token in types)
    graph = build(rich, "full")
    nodes = {node.id: node for node in graph.nodes}
    edges = {(edge.source, edge.target) for edge in graph.edges}
    assert {("caller", "edge/domain"), ("edge/domain", "edge/api")} <= edges
    assert ("caller", "edge/api") not in edges
    gateways = [node for node in nodes.values() if node.kind == "nat"]
    assert len({node.group for node in gateways}) == 2, "one a zone, each in its own"
    assert "open-a-shell" in {flow.name for flow in load(rich, ROOT)}


def buried(value: Value, leaf: Value) -> Value:
    """Put ``leaf`` in the place of every scalar."""
    if isinstance(value, dict):
        return {key: buried(item, leaf) for key, item in value.items()}
    return [buried(item, leaf) for item in value] if isinstance(value, list) else leaf


@pytest.mark.parametrize("deep", [True, False])
@pytest.mark.parametrize("leaf", [UNKNOWN, Secret("hunter2"), Secret({"a": ["hunter2"]}), None, 3.0, "hunter3"])
@pytest.mark.parametrize("stack", STACKS)
def test_any_input_may_be_unknown_or_secret(plans: dict[str, Plan], stack: str, leaf: Value, deep: bool) -> None:
    plan = plans[stack]
    resources = tuple(
        dataclasses.replace(r, inputs={key: buried(v, leaf) if deep else leaf for key, v in r.inputs.items()})
        for r in plan.resources
    )
    for kind in KINDS:
        text = build(dataclasses.replace(plan, resources=resources), kind).text()
        assert "hunter2" not in text
        assert "Secret" not in text.replace(": Secret x", "")
        assert "UNKNOWN" not in text
