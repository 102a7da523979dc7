"""The pack's half of the verdict, and the Plan's half of the installation: they need no cluster."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from berth.plan import UNKNOWN
from berth.rehearse.roundtrip import differences
from components.berths.eks.chart import CHART, render

from .weakenings import NOT_A_PROMISE, WEAKENED, broken_rules, deployment
from .workload import CHART_KINDS, Workload

REVISION = ['spec.template.metadata.annotations is {"berth/bindings": "?"} and was not sent']
"""What the program adds to the chart: who upgrades with Helm alone says by other means that a binding has changed."""


def plain(value: Any) -> Any:
    """Return a planned value with a sign in place of what is only known after creation."""
    if isinstance(value, Mapping):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    return "?" if value is UNKNOWN else value


def test_what_is_installed_is_what_the_stack_plans(workload: Workload) -> None:
    """The values that Helm is given render to the very objects that the Plan has."""
    in_plan = {(kind, one["metadata"]["name"]): one for kind in CHART_KINDS for one in workload.objects(kind)}
    # What collects the logs stands beside the chart.
    in_plan = {key: one for key, one in in_plan.items() if not key[1].endswith("-logs")}
    rendered = render(workload.name, workload.namespace, workload.values)
    assert {(one["kind"], one["metadata"]["name"]) for one in rendered} == set(in_plan)
    for one in rendered:
        found = differences(one, plain(in_plan[one["kind"], one["metadata"]["name"]]))
        assert found == (REVISION if one["kind"] == "Deployment" else [])


def test_the_pack_admits_the_chart_as_planned(workload: Workload) -> None:
    assert broken_rules(deployment(workload, {})) == broken_rules(deployment(workload, {}), "advisory") == set()


@pytest.mark.parametrize("case", WEAKENED)
def test_the_pack_refuses_a_weakened_chart(workload: Workload, case: str) -> None:
    row = WEAKENED[case]
    assert row.rule in broken_rules(deployment(workload, row.values), row.level)


def test_every_promise_of_the_chart_is_weakened_here() -> None:
    """A value that joins the chart's ``security`` needs a row above, or a reason."""
    schema = json.loads((CHART / "values.schema.json").read_text())
    promises = set(schema["properties"]["security"]["properties"])
    weakened = {path.removeprefix("security.") for row in WEAKENED.values() for path in row.values}
    assert weakened | set(NOT_A_PROMISE) == promises
    assert not weakened & set(NOT_A_PROMISE)
