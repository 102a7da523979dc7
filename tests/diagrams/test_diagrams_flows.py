"""Use cases: each step is held against the Plan."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from berth.diagrams import flow_mermaid, flows_file, load
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
    file = flows_file(plans[stack], ROOT)
    assert file is not None
    names = {flow.name for flow in load(plans[stack], file)}
    assert {"post-a-record", "read-the-latest", "watch-live", "deploy-a-release"} <= names
    assert ("open-a-shell" in names) == (stack == "eks-dev"), "ECS opens a shell only where its config says so"


def test_ecs_opens_a_shell_where_its_config_says_so(plans: dict[str, Plan]) -> None:
    plan = plans["ecs-fargate-dev"]
    resources = tuple(
        dataclasses.replace(r, inputs={**r.inputs, "enableExecuteCommand": True})
        if r.type == "aws:ecs/service:Service"
        else r
        for r in plan.resources
    )
    file = flows_file(plan, ROOT)
    assert file is not None
    assert "open-a-shell" in {flow.name for flow in load(dataclasses.replace(plan, resources=resources), file)}


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
    assert "The stack has: alb, api," in str(caught.value)


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


def test_a_missing_file_is_an_error(plans: dict[str, Plan], tmp_path: Path) -> None:
    with pytest.raises(FlowError, match="cannot be read"):
        load(plans["eks-dev"], tmp_path / "flows.yaml")


def test_a_step_of_another_backend_is_left_out(plans: dict[str, Plan]) -> None:
    text = ONE.format(step="{from: engineer, to: nowhere, says: x, backends: [lambda]}")
    (flow,) = check(plans["eks-dev"], text)
    assert flow.steps == [("caller", "api", "HTTPS")]


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
