"""Alarms of the moorings: what they are on, and that CloudWatch takes them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, get_args

import botocore.session
import pytest
from botocore.validate import ParamValidator

from berth.plan import Plan
from components.alarms import MOST_METRICS, Alarm, alarm_names, errors, unhealthy
from components.mooring import TargetShape
from tests.programs import Record

CONFIG = """\
  berth:berths: {ecs-fargate: 100, eks: 0}
  berth:services:
    shop: {image: "registry.example.com/shop:1", ports: {admin: {port: 9000, path: /admin}}}
    mail: {kind: worker, image: "registry.example.com/mail:1"}
"""


@pytest.fixture(scope="module")
def plan(record: Record) -> Plan:
    return record(None, CONFIG)


def is_on(alarm: Alarm, seen: Mapping[tuple[int, str], int]) -> bool:
    """Work out an expression as CloudWatch does, of what a minute's metrics say; what is not reported is None."""

    def fill(value: int | None, other: int) -> int:
        return other if value is None else value

    def if_(condition: bool, yes: int, no: int) -> int:
        return yes if condition else no

    text = alarm.expression.replace("AND", "and").replace("OR", "or").replace("IF(", "if_(").replace("FILL(", "fill(")
    values = {id_: seen.get((at, name)) for id_, (at, name, _) in alarm.metrics.items()}
    try:
        return bool(eval(text, {"fill": fill, "if_": if_, **values}) > 0)
    except TypeError:  # an operation on what is missing is missing
        return alarm.missing == "breaching"


FAILURE = "HTTPCode_Target_5XX_Count"


@pytest.mark.parametrize(
    ("requests", "failed", "on"), [(3, 1, False), (4, 4, False), (5, 5, True), (1000, 49, False), (1000, 50, True)]
)
def test_errors_are_a_share_of_the_requests_and_never_a_few(requests: int, failed: int, on: bool) -> None:
    assert is_on(errors("ip", 1), {(0, "RequestCount"): requests, (0, FAILURE): failed}) is on


def test_errors_of_one_group_are_not_lost_among_the_requests_of_another() -> None:
    seen = {(0, "RequestCount"): 100_000, (1, "RequestCount"): 20, (1, FAILURE): 20}
    assert is_on(errors("ip", 2), seen)


@pytest.mark.parametrize("failure", ["LambdaUserError", "LambdaInternalError", FAILURE])
def test_what_a_function_does_not_answer_is_an_error(failure: str) -> None:
    assert is_on(errors("lambda", 1), {(0, "RequestCount"): 100, (0, failure): 10})


@pytest.mark.parametrize(
    ("well", "ill", "on"),
    [(2, 0, False), (0, 0, True), (0, 2, True), (None, None, True), (2, 2, False), (1, 2, True)],
)
def test_targets_are_unhealthy_when_none_is_well_or_most_are_not(well: int | None, ill: int | None, on: bool) -> None:
    counts = {(0, "HealthyHostCount"): well, (0, "UnHealthyHostCount"): ill}
    assert is_on(unhealthy("ip", 1), {key: count for key, count in counts.items() if count is not None}) is on


@pytest.mark.parametrize(("well", "other", "ill", "on"), [(2, None, 0, False), (None, 2, 1, False), (1, 0, 3, True)])
def test_two_groups_of_a_release_are_looked_at_as_one(well: int | None, other: int | None, ill: int, on: bool) -> None:
    """One of them is empty most of the time, and then says nothing."""
    counts = {(0, "HealthyHostCount"): well, (1, "HealthyHostCount"): other, (0, "UnHealthyHostCount"): ill}
    pair = unhealthy("ip", 2, pair=True)
    assert is_on(pair, {key: count for key, count in counts.items() if count is not None}) is on
    assert (pair.minutes, pair.bad) == (3, 3), "the newest minute is not there yet"


@pytest.mark.parametrize(("requests", "failed", "on"), [(0, 0, False), (10, 6, True), (10, 5, False), (4, 4, False)])
def test_a_function_is_unhealthy_when_it_does_not_answer(requests: int, failed: int, on: bool) -> None:
    seen = {(0, "RequestCount"): requests, (0, "LambdaUserError"): failed}
    assert is_on(unhealthy("lambda", 1), seen) is on


@pytest.mark.parametrize("groups", range(1, 6))
@pytest.mark.parametrize("shape", get_args(TargetShape))
def test_an_alarm_has_no_more_metrics_than_cloudwatch_takes(shape: TargetShape, groups: int) -> None:
    for alarm in (errors(shape, groups), unhealthy(shape, groups)):
        assert len(alarm.metrics) <= MOST_METRICS
        assert set(re.findall(r"[a-z]+\d[\d_]*", alarm.expression)) == alarm.metrics.keys()
        assert {at for at, _, _ in alarm.metrics.values()} == set(range(groups)), "each group is looked at"


def test_every_mooring_that_answers_has_its_two_alarms(plan: Plan) -> None:
    answering = {f"berth-same-{berth}-shop" for berth in ("ecs-fargate", "eks")}
    alarms = plan.of_type("aws:cloudwatch/metricAlarm:MetricAlarm")
    assert {one.inputs["name"] for one in alarms} == {name for each in answering for name in alarm_names(each)}
    groups = {one.urn for one in plan.of_type("aws:lb/targetGroup:TargetGroup")}
    for alarm in alarms:
        own = {urn for urn in groups if f"::{alarm.parent.rpartition('::')[2]}" in urn} if alarm.parent else set()
        assert len(own) == 2 and own == groups & set(alarm.dependencies), "its own groups, and no others"


def test_cloudwatch_takes_the_alarms(plan: Plan) -> None:
    """By the service's own model, and by the id that each metric has."""
    operation = botocore.session.get_session().get_service_model("cloudwatch").operation_model("PutMetricAlarm")
    for alarm in plan.of_type("aws:cloudwatch/metricAlarm:MetricAlarm"):
        given: dict[str, Any] = json.loads(json.dumps(alarm.inputs, default=str))
        queries = [
            {
                "Id": query["id"],
                **({"Expression": query["expression"], "ReturnData": True} if "expression" in query else {}),
                **({"MetricStat": stat(query["metric"]), "ReturnData": False} if "metric" in query else {}),
            }
            for query in given["metricQueries"]
        ]
        request = {
            "AlarmName": given["name"],
            "AlarmDescription": given["alarmDescription"],
            "Metrics": queries,
            "ComparisonOperator": given["comparisonOperator"],
            "Threshold": given["threshold"],
            "EvaluationPeriods": int(given["evaluationPeriods"]),
            "DatapointsToAlarm": int(given["datapointsToAlarm"]),
            "TreatMissingData": given["treatMissingData"],
        }
        report = ParamValidator().validate(request, operation.input_shape)
        assert not report.has_errors(), report.generate_report()


def stat(metric: Mapping[str, Any]) -> dict[str, Any]:
    """Return a metric as the API takes it."""
    dimensions = [{"Name": name, "Value": str(value)} for name, value in metric["dimensions"].items()]
    assert [one["Name"] for one in dimensions] == ["LoadBalancer", "TargetGroup"]
    described = {"Namespace": metric["namespace"], "MetricName": metric["metricName"], "Dimensions": dimensions}
    return {"Metric": described, "Period": int(metric["period"]), "Stat": metric["stat"]}
