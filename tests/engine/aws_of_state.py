"""The AWS that a move reads, answered from the engine's own state: what it deployed is what is there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Resource = dict[str, Any]
_NO_TARGETS = ("aws:lb/", "aws:cloudwatch/", "aws:appautoscaling/", "pulumi:", "berth:")
"""Types that name a target group and register nothing in it."""


class AwsOfState:
    """Answers calls by the state of a stack in a folder."""

    def __init__(self, file: Path) -> None:
        """Take the state's file."""
        self._file = file
        self.alarms: dict[str, str] = {}
        """States of alarms, by their names; those that are deployed are well without a word."""

    @property
    def resources(self) -> list[Resource]:
        """Return what is deployed."""
        found: list[Resource] = json.loads(self._file.read_text())["checkpoint"]["latest"]["resources"]
        return found

    def _of(self, kind: str) -> list[Resource]:
        return [one for one in self.resources if one["type"] == f"aws:{kind}"]

    def call(self, service: str, operation: str, **arguments: Any) -> Any:
        """Answer a call of AWS's as boto3 would."""
        answer: Any = getattr(self, operation)(**arguments)
        return answer

    def describe_load_balancers(self, Names: list[str]) -> Any:
        found = [one for one in self._of("lb/loadBalancer:LoadBalancer") if one["inputs"]["name"] in Names]
        return {"LoadBalancers": [{"LoadBalancerArn": one["id"]} for one in found]}

    def describe_listeners(self, LoadBalancerArn: str) -> Any:
        found = [one for one in self._of("lb/listener:Listener") if one["inputs"]["loadBalancerArn"] == LoadBalancerArn]
        return {"Listeners": [{"ListenerArn": one["id"]} for one in found]}

    def describe_rules(self, ListenerArn: str) -> Any:
        defaults = [
            one["inputs"]["defaultActions"] for one in self._of("lb/listener:Listener") if one["id"] == ListenerArn
        ]
        rules = [one["inputs"] for one in self._of("lb/listenerRule:ListenerRule")]
        mine = [(one["conditions"], one["actions"]) for one in rules if one["listenerArn"] == ListenerArn]
        found = [([], actions) for actions in defaults] + mine
        return {
            "Rules": [
                {"Conditions": [_condition(one) for one in conditions], "Actions": [_action(one) for one in actions]}
                for conditions, actions in found
            ]
        }

    def describe_target_groups(self, Names: list[str]) -> Any:
        found = [one for one in self._of("lb/targetGroup:TargetGroup") if one["inputs"]["name"] in Names]
        return {"TargetGroups": [{"TargetGroupArn": one["id"]} for one in found]}

    def describe_target_health(self, TargetGroupArn: str) -> Any:
        """A group has a target where something else than what routes to it or counts it names it."""
        filling = [
            one
            for one in self.resources
            if not one["type"].startswith(_NO_TARGETS) and TargetGroupArn in json.dumps(one.get("inputs"))
        ]
        target = {"Target": {"Id": "10.0.0.1"}, "TargetHealth": {"State": "healthy"}}
        return {"TargetHealthDescriptions": [target for _ in filling]}

    def describe_alarms(self, AlarmNames: list[str], MaxRecords: int) -> Any:
        there = [one["inputs"]["name"] for one in self._of("cloudwatch/metricAlarm:MetricAlarm")]
        found = [name for name in there if name in AlarmNames]
        states = [
            {"AlarmName": name, "StateValue": self.alarms.get(name, "OK"), "StateReason": "5 of 9"} for name in found
        ]
        return {"MetricAlarms": states}


def _condition(one: dict[str, Any]) -> dict[str, Any]:
    header = one.get("httpHeader")
    return {"HttpHeaderConfig": {"HttpHeaderName": header["httpHeaderName"]}} if header else {}


def _action(one: dict[str, Any]) -> dict[str, Any]:
    groups = one.get("forward", {}).get("targetGroups", [])
    return {
        "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": g["arn"], "Weight": int(g["weight"])} for g in groups]}
    }
