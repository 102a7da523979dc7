"""Use cases: each step is held against the Plan."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from berth.diagrams import flow_mermaid, load
from berth.diagrams.flows import FlowError, check
from berth.plan import Plan
from tests.diagrams.regenerate import ROOT, STACKS

ONE = """
actors: {{engineer: Engineer}}
flows:
  - name: post
    title: Post
    steps:
      - {{from: caller, to: api, says: HTTPS}}
      - {step}
"""


@pytest.mark.parametrize("stack", STACKS)
def test_every_stack_offers_the_services_use_cases(plans: dict[str, Plan], stack: str) -> None:
    names = {flow.name for flow in load(plans[stack], ROOT)}
    assert {"post-a-record", "read-the-latest", "watch-live", "deploy-a-release"} <= names
    on_eks = stack in ("eks-dev", "fleet")
    assert ("open-a-shell" in names) == on_eks, "ECS opens a shell only where its config says so"


def test_a_request_takes_either_of_its_services_berths(plans: dict[str, Plan]) -> None:
    flow = next(flow for flow in load(plans["fleet"], ROOT) if flow.name == "post-a-record")
    calls = {(edge.source, edge.target, edge.label) for edge in flow.graph.edges}
    for berth, share in (("ecs-fargate", "90 %"), ("eks", "10 %")):
        assert ("edge/alb", f"{berth}/workload", f"5  to a healthy target, {share}") in calls
        assert (f"{berth}/workload", "database/database", "6  INSERT over TLS; 201 on the way back") in calls
    assert {node.detail for node in flow.graph.nodes if node.kind == "workload"} == {"biometric"}
    lines = [line.strip() for line in flow_mermaid(flow).splitlines()]
    assert [line for line in lines if re.match("par |and |end$", line)] == ["par ecs-fargate", "and eks", "end"]


def test_each_berth_takes_its_own_steps(plans: dict[str, Plan]) -> None:
    text = ONE.format(step="{from: alb, to: workload, says: x, backends: [eks]}")
    (flow,) = check(plans["fleet"], text, "shop")
    assert {node.id for node in flow.graph.nodes} == {"caller", "edge/api", "edge/alb", "eks/workload"}
    with pytest.raises(FlowError, match="nothing connects the two at ecs-fargate"):
        check(plans["fleet"], ONE.format(step="{from: workload, to: database, says: x}"), "shop")


def test_several_services_may_call_their_use_cases_alike(plans: dict[str, Plan], tmp_path: Path) -> None:
    (image,) = plans["fleet"].of_type("docker:index/image:Image")
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "flows.yaml").write_text(ONE.format(step="{from: api, to: vpc-link, says: x}"))
    images = [dataclasses.replace(image, name=n, inputs={"build": {"context": n}}) for n in ("one", "two")]
    plan = dataclasses.replace(plans["fleet"], resources=[*plans["fleet"].resources, *images])
    assert [flow.name for flow in load(plan, tmp_path)] == ["one-post", "two-post"]


def test_ecs_opens_a_shell_where_its_config_says_so(plans: dict[str, Plan]) -> None:
    plan = plans["ecs-fargate-dev"]
    resources = tuple(
        dataclasses.replace(r, inputs={**r.inputs, "enableExecuteCommand": True})
        if r.type == "aws:ecs/service:Service"
        else r
        for r in plan.resources
    )
    assert "open-a-shell" in {flow.name for flow in load(dataclasses.replace(plan, resources=resources), ROOT)}


@pytest.mark.parametrize(
    ("step", "fault"),
    [
        ("{from: api, to: queue, says: x}", 'flow "post", step 2 (api -> queue): there is no "queue"'),
        ("{from: robot, to: api, says: x}", 'flow "post", step 2 (robot -> api): there is no "robot"'),
        ("{from: waf, to: database, says: x}", 'flow "post", step 2 (waf -> database): nothing connects the two'),
    ],
)
def test_a_step_that_the_stack_cannot_take_is_an_error(plans: dict[str, Plan], step: str, fault: str) -> None:
    with pytest.raises(FlowError) as caught:
        check(plans["eks-dev"], ONE.format(step=step))
    assert fault in str(caught.value)
    assert "The stack has: alarms, alb, api," in str(caught.value)


def test_all_faults_are_listed_at_once(plans: dict[str, Plan]) -> None:
    text = ONE.format(step="{from: one, to: two, says: x}")
    with pytest.raises(FlowError) as caught:
        check(plans["eks-dev"], text)
    assert 'no "one"' in str(caught.value)
    assert 'no "two"' in str(caught.value)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("flows: [", "is not YAML"),
        ("flows: 3", "flows: "),
        ("{}", "flows: Field required"),
        ("flows: [{name: a, title: A, steps: [], colour: red}]", "flows.0.colour"),
        ("flows: [{name: A b, title: A, steps: [{from: caller, to: api, says: x}]}]", "flows.0.name"),
    ],
)
def test_an_unusable_file_says_where(plans: dict[str, Plan], text: str, fault: str) -> None:
    with pytest.raises(FlowError, match=r"flows\.yaml") as caught:
        check(plans["eks-dev"], text)
    assert fault in str(caught.value)


def test_a_service_may_declare_none_but_not_what_cannot_be_read(plans: dict[str, Plan], tmp_path: Path) -> None:
    assert load(plans["eks-dev"], tmp_path) == []
    (tmp_path / "services" / "biometric" / "flows.yaml").mkdir(parents=True)
    with pytest.raises(FlowError, match="cannot be read"):
        load(plans["eks-dev"], tmp_path)


def test_a_step_of_another_backend_is_left_out(plans: dict[str, Plan]) -> None:
    text = ONE.format(step="{from: engineer, to: nowhere, says: x, backends: [lambda]}")
    (flow,) = check(plans["eks-dev"], text)
    assert flow.steps == [("caller", "api", "HTTPS", "")]


def test_an_actor_takes_part_and_steps_keep_their_order(plans: dict[str, Plan]) -> None:
    (flow,) = check(plans["eks-dev"], ONE.format(step="{from: engineer, to: cluster, says: kubectl; exec}"))
    text = flow_mermaid(flow)
    assert "participant nengineer as Engineer" in text
    assert [edge.label for edge in flow.graph.edges] == ["1  HTTPS", "2  kubectl; exec"]
    assert text.endswith("nengineer->>ncluster: kubectl, exec\n")


def test_a_name_counts_once(plans: dict[str, Plan]) -> None:
    twice = "  - {name: post, title: Again, steps: [{from: caller, to: api, says: x}]}"
    with pytest.raises(FlowError, match='flow "post": declared more than once'):
        check(plans["eks-dev"], ONE.format(step="{from: api, to: vpc-link, says: x}") + twice)
