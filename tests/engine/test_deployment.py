"""A stack whose releases ECS shifts, under the real engine: how it gets there, and that nothing fights with ECS."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from . import findings
from .cli import Run
from .life import Life, Stack, moved, steps_in_order

pytestmark = pytest.mark.engine

STRATEGY = "strategy: rolling"
EXEC = "exec: false"
CONFIG = f"""\
  berth:backend: ecs-fargate
  berth:deployment: {{{STRATEGY}}}
  berth:ecs-fargate: {{{EXEC}}}
  berth:service: {{name: site, image: "registry.example.com/site:1", uses: []}}
"""
SERVICE, RULE = "aws:ecs/service:Service", "aws:lb/listenerRule:ListenerRule"


@dataclass(frozen=True)
class Shifted(Life):
    """A stack that changes from rolling to canary."""

    canary: Run
    released: Run
    """What the state has when ECS has released once and somebody has refreshed."""
    settled: Run
    changed: Run


def release(state: dict[str, Any]) -> dict[str, Any]:
    """Return a state as a refresh leaves it after ECS released: the other group is live, and the pair is swapped."""
    for resource in state["deployment"]["resources"]:
        for kept in (resource.get("inputs", {}), resource.get("outputs", {})):
            if resource["type"] == RULE:
                groups = kept["actions"][0]["forward"]["targetGroups"]
                groups[0]["weight"], groups[1]["weight"] = groups[1]["weight"], groups[0]["weight"]
            if resource["type"] == SERVICE:
                [balancer] = kept["loadBalancers"]
                shift = balancer["advancedConfiguration"]
                live = shift["alternateTargetGroupArn"]
                shift["alternateTargetGroupArn"], balancer["targetGroupArn"] = balancer["targetGroupArn"], live
    return state


@pytest.fixture(scope="module")
def life(providers: str, tmp_path_factory: pytest.TempPathFactory) -> Shifted:
    stack = Stack(providers, tmp_path_factory, "shifted", CONFIG)
    return Shifted(
        first=stack.first,
        up=stack.up(),
        canary=stack.up((STRATEGY, "strategy: canary")),
        again=stack.again(),
        released=stack.replace_state(release(json.loads(stack.export().output))),
        settled=stack.again(),
        changed=stack.up((EXEC, "exec: true")),
        end=stack.destroy(),
    )


def test_it_lives_and_says_the_same_twice(life: Shifted) -> None:
    life.judge()


def test_the_way_of_releasing_changes_beside_what_answers(life: Shifted) -> None:
    done = moved(life.canary)
    own = "berth-shifted-ecs-fargate-site"
    replaced = {name for name, steps in done.items() if "replace" in str(steps)}
    assert replaced == {f"{own}-scaling", f"{own}-cpu"}, "only what scales the service, as it names it"
    assert own not in done and done[f"{own}--alternate"] == {"create"}, "the group that answers stays as it is"
    assert "berth-shifted-listener" not in done
    steps = steps_in_order(life.canary)
    order = [steps.index(step) for step in (("create", RULE), ("create", SERVICE), ("delete", SERVICE))]
    assert order == sorted(order)


def test_a_release_leaves_to_ecs_what_ecs_has_changed(life: Shifted) -> None:
    [before], [after] = (findings.of_type(run, SERVICE) for run in (life.canary, life.changed))
    assert after["enableExecuteCommand"] and not before["enableExecuteCommand"]
    [balancer], [live] = before["loadBalancers"], after["loadBalancers"]
    assert live["targetGroupArn"] == balancer["advancedConfiguration"]["alternateTargetGroupArn"]
    assert not [name for name in moved(life.changed) if name.startswith("berth-shifted-site")], (
        "the rule stays as it is"
    )
