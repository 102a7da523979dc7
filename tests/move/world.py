"""A stack in two berths and more, an AWS and an engine, all in memory; its clock only goes on when somebody waits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from berth.move import mover
from berth.move.course import course
from berth.move.engine import EngineError
from berth.move.mover import Mover
from berth.move.stack_file import StackFile, given_weights
from berth.move.watch import forwards
from berth.plan import HOST, MOORING, UNKNOWN, Plan, Resource
from berth.yaml_file import read

BALANCER = "shop-alb"
IMAGES = {"shop": "123456789012.dkr.ecr.eu-central-1.amazonaws.com/berth/shop:aaaa"}


def resource(type_: str, name: str, parent: str | None = None, /, **inputs: Any) -> Resource:
    above = parent.split("::")[2] + "$" if parent else ""
    custom = not type_.startswith("berth:")
    return Resource(f"urn:pulumi:shop::berth::{above}{type_}::{name}", type_, name, parent, inputs, custom=custom)


def plan_of(weights: Mapping[str, int]) -> Plan:
    """Return the Plan of a web service and a worker at these berths."""
    return _plan(tuple(sorted(weights.items())))


@cache
def _plan(weights: tuple[tuple[str, int], ...]) -> Plan:
    found = [
        resource("aws:lb/loadBalancer:LoadBalancer", BALANCER, name=BALANCER),
        resource("aws:rds/instance:Instance", "shop-db", identifier="shop-db"),
    ]
    shares = []
    for berth, weight in weights:
        found.append(host := resource(HOST, f"shop-{berth}", berth=berth, title=berth))
        found.append(resource("aws:ecs/cluster:Cluster", f"shop-{berth}-cluster", host.urn, name=f"shop-{berth}"))
        for service, kind, ways in (("shop", "web", [{"name": "", "port": 8080}]), ("mail", "worker", [])):
            name = f"shop-{berth}-{service}"
            inputs = {"service": service, "berth": berth, "weight": weight, "kind": kind, "leads": True, "ways": ways}
            found.append(mooring := resource(MOORING, name, **inputs))
            if ways:
                group = "aws:lb/targetGroup:TargetGroup"
                found.append(resource(group, name, mooring.urn, name=f"tg-{berth}", deregistrationDelay=30))
                for alarm in ("errors", "unhealthy"):
                    token = "aws:cloudwatch/metricAlarm:MetricAlarm"
                    found.append(resource(token, f"{name}-{alarm}", mooring.urn, name=f"{name}-{alarm}"))
        shares.append({"arn": UNKNOWN, "weight": weight})
    action = [{"type": "forward", "forward": {"target_groups": shares}}]
    found.append(resource("aws:lb/listener:Listener", "shop-listener", defaultActions=action))
    config = {"berth:berths": str(dict(weights)).replace("'", '"'), "aws:region": "eu-central-1"}
    return Plan("shop", tuple(found), {"images": IMAGES}, config=config)


class World:
    """What is written, what is up, and what AWS says of it."""

    def __init__(self, folder: Path, berths: str = "berth:backend: a") -> None:
        """Bring the stack up as the file says."""
        self.root = folder
        (folder / "Pulumi.shop.yaml").write_text(f"config:\n  aws:region: eu-central-1  # Frankfurt\n  {berths}\n")
        self.file = StackFile(folder, "shop")
        self.up_weights = self.written
        self.images: Mapping[str, str] = dict(IMAGES)
        self.more_changes: list[dict[str, Any]] = []
        self.alarms: dict[str, str] = {}
        self.states: dict[str, str] = {}
        """Of targets, by their group; healthy without a word."""
        self.off_by = 0
        """By how much the load balancer's weights are not those that it was told."""
        self.fails: Callable[[str], None] = lambda point: None
        """Called before and after all that happens, with what it is; may raise."""
        self.bake = timedelta(minutes=5)
        self.said: list[str] = []
        self.ups: list[dict[str, int]] = []
        self.clock = 0.0

    @property
    def written(self) -> dict[str, int]:
        """The weights of the stack file."""
        config = read(self.file.path).value["config"]
        return dict(config["berth:berths"]) if "berth:berths" in config else {config["berth:backend"]: 100}

    def mover(self, to: str = "b") -> Mover:
        """Return a move of the stack as the command makes it."""
        minutes = self.bake, timedelta(minutes=15)
        return Mover("shop", to, self.written, self.file, plan_of, self, self, *minutes, self.said.append)  # type: ignore[arg-type]

    def move(self, to: str = "b", steps: tuple[int, ...] = (10, 50, 100), *, remove: bool = True) -> None:
        """Move the stack as the command does."""
        self.mover(to).take(course(given_weights(plan_of(self.written).config), to, steps, remove=remove))

    # The clock.

    def sleep(self, seconds: float) -> None:
        self.fails(f"sleep {self.written}")
        self.clock += seconds

    def monotonic(self) -> float:
        return self.clock

    def run_clock(self, patch: Any) -> None:
        """Have the mover live by this clock."""
        patch.setattr(mover, "sleep", self.sleep)
        patch.setattr(mover, "monotonic", self.monotonic)

    # The engine.

    def outputs(self) -> Mapping[str, Any]:
        return {"images": self.images} if self.up_weights else {}

    def preview(self, *, judged: bool) -> Mapping[str, Any]:
        self.fails(f"preview {self.written}")
        old = {one.urn: one for one in plan_of(self.up_weights).resources}
        new = {one.urn: one for one in plan_of(self.written).resources}
        steps = []
        for urn in {**old, **new}:
            operation = "create" if urn not in old else "delete" if urn not in new else "update"
            one = new.get(urn) or old[urn]
            if operation == "update" and one.inputs == old[urn].inputs:
                operation = "same"
            changed = [
                key for key, value in one.inputs.items() if operation == "update" and old[urn].inputs[key] != value
            ]
            state = {"type": one.type, "custom": one.custom, "parent": one.parent, "inputs": dict(one.inputs)}
            side = "oldState" if operation == "delete" else "newState"
            steps.append({"op": operation, "urn": urn, side: state, "diffReasons": changed})
        return {"steps": [*steps, *self.more_changes]}

    def up(self, *, judged: bool = False, on: bool = False) -> None:
        self.fails(f"up {self.written}")
        self.clock += 60
        self.up_weights = self.written
        self.ups.append(self.up_weights)
        self.fails(f"upped {self.written}")

    # AWS.

    def call(self, service: str, operation: str, **arguments: Any) -> Any:
        self.fails(f"{operation} {self.written}")
        answer: Any = getattr(self, operation)(**arguments)
        return answer

    def describe_load_balancers(self, Names: list[str]) -> Any:
        assert Names == [BALANCER]
        return {"LoadBalancers": [{"LoadBalancerArn": "alb"}]}

    def describe_listeners(self, LoadBalancerArn: str) -> Any:
        return {"Listeners": [{"ListenerArn": "listener"}]}

    def describe_rules(self, ListenerArn: str) -> Any:
        header = {"HttpHeaderConfig": {"HttpHeaderName": "X-Berth", "Values": ["b"]}}
        chosen = {"TargetGroups": [{"TargetGroupArn": "arn:tg/tg-b/1", "Weight": 1}]}
        rules = [{"Conditions": [header], "Actions": [{"ForwardConfig": chosen}]}]
        for weights in forwards(plan_of(self.up_weights)):
            groups = [
                {"TargetGroupArn": f"arn:tg/{name}/1", "Weight": weight + self.off_by}
                for name, weight in weights.items()
            ]
            rules.append(
                {"Conditions": [], "Actions": [{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}]}
            )
        return {"Rules": rules}

    def describe_target_groups(self, Names: list[str]) -> Any:
        return {"TargetGroups": [{"TargetGroupArn": Names[0]}]}

    def describe_target_health(self, TargetGroupArn: str) -> Any:
        state = self.states.get(TargetGroupArn, "healthy")
        targets = [{"Target": {"Id": "10.0.0.1"}, "TargetHealth": {"State": state, "Description": "it is so"}}]
        return {"TargetHealthDescriptions": targets if state else []}

    def describe_alarms(self, AlarmNames: list[str], MaxRecords: int) -> Any:
        states = {name: self.alarms.get(name, "OK") for name in AlarmNames}
        found = [
            {"AlarmName": name, "StateValue": state, "StateReason": "7 of 9"} for name, state in states.items() if state
        ]
        return {"MetricAlarms": found}


__all__ = ["EngineError", "World", "plan_of"]
