"""All kinds of service on both ECS berths under the real engine, with secrets, files and sidecars."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from . import findings
from .cli import Run
from .life import Life, Stack, moved
from .standin.invokes import SECRET_VALUE
from .standin.wire import UNKNOWN

pytestmark = pytest.mark.engine

SCHEDULE = 'schedule: "0 3 * * *"'
SHARES = "{ecs-fargate: 90, ecs-ec2: 10}"
CONFIG = f"""\
  berth:berths: {SHARES}
  berth:ecs-ec2: {{maxInstances: 12}}
  berth:services:
    shop:
      image: registry.example.com/shop:1
      ports: {{admin: {{port: 9000, path: /admin}}}}
      secrets: {{API_KEY: {{secret: shop/api-key, field: password}}, TOKEN: {{parameter: /shop/token}}}}
      files: [{{path: /etc/shop/key.pem, secret: shop/tls}}, {{path: /etc/shop/app.yaml, source: Pulumi.yaml}}]
      sidecars: {{agent: {{image: "registry.example.com/agent:1", secrets: {{TOKEN: {{parameter: /agent/token}}}}}}}}
    mail:
      kind: worker
      image: registry.example.com/mail:1
      minReplicas: 0
      schedules:
        - {{cron: "0 8 * * MON-FRI", minReplicas: 2, maxReplicas: 4}}
        - {{cron: "0 20 * * *", minReplicas: 0, maxReplicas: 0}}
    nightly: {{kind: job, image: "registry.example.com/shop:1", {SCHEDULE}, retries: 1}}
"""


@dataclass(frozen=True)
class Kinds(Life):
    """A stack's life."""

    state: Run
    other: Run
    later: Run


@pytest.fixture(scope="module")
def kinds(providers: str, tmp_path_factory: pytest.TempPathFactory) -> Kinds:
    stack = Stack(providers, tmp_path_factory, "kinds", CONFIG)
    return Kinds(
        first=stack.first,
        up=stack.up(),
        again=stack.again(),
        state=stack.export(),
        other=stack.up((SHARES, "{ecs-fargate: 10, ecs-ec2: 90}")),
        later=stack.up((SCHEDULE, 'schedule: "0 4 * * *"')),
        end=stack.destroy(),
    )


def test_it_lives_from_the_first_preview_to_the_end(kinds: Kinds) -> None:
    kinds.judge()


def test_every_container_is_judged_before_it_exists(kinds: Kinds) -> None:
    shown = findings.containers(kinds.first)
    assert len(shown) == 6 and shown.keys() == findings.containers(kinds.up).keys()
    for urn, containers in shown.items():
        assert UNKNOWN not in json.dumps(containers)
        assert "ecs-non-root" in kinds.first.passed[urn]
    names = {one["name"] for containers in shown.values() for one in containers}
    assert names == {"shop", "agent", "shop-files", "mail", "nightly"}


def test_a_state_machine_runs_the_job_where_the_stack_says(kinds: Kinds) -> None:
    machines = {one["name"]: one for one in findings.of_type(kinds.up, "aws:sfn/stateMachine:StateMachine")}
    assert machines.keys() == {"berth-kinds-ecs-fargate-nightly", "berth-kinds-ecs-ec2-nightly"}
    for name, machine in machines.items():
        run = json.loads(machine["definition"])["States"]["Run"]["Arguments"]
        assert name == f"{run['Cluster']}-nightly" and run["TaskDefinition"] == name
        network = run["NetworkConfiguration"]["AwsvpcConfiguration"]
        assert len(network["Subnets"]) == 2 and all(one.startswith("subnet-") for one in network["Subnets"])
        assert [one.startswith("sg-") for one in network["SecurityGroups"]] == [True]


def test_a_job_moves_with_the_requests_by_its_two_schedules(kinds: Kinds) -> None:
    schedules = {"berth-kinds-ecs-ec2-nightly-schedule", "berth-kinds-ecs-fargate-nightly-schedule"}
    listeners = {"berth-kinds-listener", "berth-kinds-shop--admin"}
    assert moved(kinds.other) == {name: {"update"} for name in schedules | listeners}
    states = {one["name"]: one["state"] for one in findings.of_type(kinds.other, "aws:scheduler/schedule:Schedule")}
    assert states == {"berth-kinds-ecs-ec2-nightly": "ENABLED", "berth-kinds-ecs-fargate-nightly": "DISABLED"}
    assert moved(kinds.later) == {name: {"update"} for name in schedules}


def test_secrets_are_followed_by_their_versions_and_never_read(kinds: Kinds) -> None:
    for run in vars(kinds).values():
        assert SECRET_VALUE not in run.output and SECRET_VALUE not in json.dumps(run.events)
    services = {one["name"]: one for one in findings.of_type(kinds.up, "aws:ecs/service:Service")}
    assert services["shop"]["triggers"]["secrets"] == "shop/api-key-new 1 shop/tls-new 1"
    assert "secrets" not in services["mail"]["triggers"]
    # What the parameter is, which is no secret here, stands in the state as little.
    assert "ami-0123456789abcdef0" not in kinds.state.output
