"""``berth status`` and ``berth shell`` at berths without a cluster; AWS's answers are held to botocore's models."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.stub import Stubber

from berth.errors import ConfigError
from berth.live import environments, functions, machines
from berth.live.aws import Aws
from berth.live.errors import AbsentError
from berth.live.log_lines import log_line
from berth.live.place import Orchestrator, Place
from berth.live.shell import INTO, shell_place
from berth.live.status import problems
from berth.live.status_view import section
from berth.render.terminal import show
from tests.live.conftest import Commands

GROUP = "berth-live-ec2-shop"
NOW = datetime(2026, 11, 25, 8, tzinfo=UTC)
Answer = Callable[..., None]


@pytest.fixture
def answer(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> Answer:
    """Have AWS answer one call after the other."""
    stubs: dict[str, Stubber] = {}

    def add(service: str, operation: str, response: dict[str, Any], error: str = "") -> None:
        if service not in stubs:
            stubs[service] = Stubber(aws.client(service))
            stubs[service].activate()
        if error:
            stubs[service].add_client_error(operation, error)
        else:
            stubs[service].add_response(operation, response)

    return add


@pytest.fixture
def place(named: dict[str, Place]) -> Callable[[Orchestrator], Place]:
    def at(orchestrator: Orchestrator) -> Place:
        groups = ("berth-live-0",)
        return replace(named["shop@ecs-fargate"], orchestrator=orchestrator, cluster=GROUP, target_groups=groups)

    return at


def group(*states: str, desired: int = 2) -> dict[str, Any]:
    instances = [
        {
            "InstanceId": f"i-{number}",
            "AvailabilityZone": "eu-central-1a",
            "LifecycleState": state,
            "HealthStatus": "Healthy",
            "ProtectedFromScaleIn": False,
        }
        for number, state in enumerate(states)
    ]
    size = {"MinSize": 1, "MaxSize": 4, "DesiredCapacity": desired, "DefaultCooldown": 300}
    made = {"AvailabilityZones": ["eu-central-1a"], "HealthCheckType": "ELB", "CreatedTime": NOW}
    return {"AutoScalingGroups": [{"AutoScalingGroupName": GROUP, **size, **made, "Instances": instances}]}


def targets(answer: Answer, *states: str) -> None:
    arn = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/berth-live-0/0123456789abcdef"
    answer("elbv2", "describe_target_groups", {"TargetGroups": [{"TargetGroupArn": arn, "Port": 8080}]})
    found = [{"Target": {"Id": f"i-{n}", "Port": 8080}, "TargetHealth": {"State": one}} for n, one in enumerate(states)]
    answer("elbv2", "describe_target_health", {"TargetHealthDescriptions": found})


def test_machines_that_are_well(aws: Aws, place: Any, answer: Answer) -> None:
    answer("autoscaling", "describe_auto_scaling_groups", group("InService", "InService"))
    targets(answer, "healthy", "healthy")
    refresh = {"InstanceRefreshId": "08b91cf7", "AutoScalingGroupName": GROUP, "Status": "Successful", "StartTime": NOW}
    answer("autoscaling", "describe_instance_refreshes", {"InstanceRefreshes": [refresh]})
    found = machines.status(aws, place("machines"))
    assert (found.desired, found.running, found.events) == (2, 2, ())
    assert found.deployment and (found.deployment.id, found.deployment.state) == ("08b91cf7", "completed")
    assert problems(found) == []


def test_machines_that_do_not_start_say_why(aws: Aws, place: Any, answer: Answer) -> None:
    answer("autoscaling", "describe_auto_scaling_groups", group("InService", "Pending:Wait", "Terminating:Wait"))
    targets(answer, "healthy")
    activity = {
        "ActivityId": "1",
        "AutoScalingGroupName": GROUP,
        "Description": "Launching a new EC2 instance: i-9",
        "Cause": "…",
        "StartTime": NOW,
        "StatusCode": "Failed",
        "StatusMessage": "We currently do not have sufficient capacity",
    }
    answer("autoscaling", "describe_scaling_activities", {"Activities": [activity]})
    refresh = {"InstanceRefreshId": "1", "Status": "RollbackSuccessful", "StatusReason": "Rolled back"}
    answer("autoscaling", "describe_instance_refreshes", {"InstanceRefreshes": [refresh]})
    found = machines.status(aws, place("machines"))
    assert (found.running, found.pending) == (1, 1)
    assert found.events == ("Launching a new EC2 instance: i-9: Failed, We currently do not have sufficient capacity",)
    assert problems(found) == ["1 of 2 machines run.", "The deployment failed: Rolled back"]


def test_what_is_not_there_is_not_present(aws: Aws, place: Any, answer: Answer) -> None:
    answer("autoscaling", "describe_auto_scaling_groups", {"AutoScalingGroups": []})
    assert not machines.status(aws, place("machines")).present
    answer("elasticbeanstalk", "describe_environments", {"Environments": []})
    assert not environments.status(aws, place("environment")).present
    answer("lambda", "get_function", {}, error="ResourceNotFoundException")
    assert not functions.status(aws, place("function")).present


def test_an_environment(aws: Aws, place: Any, answer: Answer) -> None:
    known = {"EnvironmentName": GROUP, "Status": "Ready", "Health": "Red", "VersionLabel": "shop-1", "DateUpdated": NOW}
    answer("elasticbeanstalk", "describe_environments", {"Environments": [known]})
    resources = {"EnvironmentName": GROUP, "AutoScalingGroups": [{"Name": "awseb-1"}], "Instances": [{"Id": "i-0"}]}
    answer("elasticbeanstalk", "describe_environment_resources", {"EnvironmentResources": resources})
    answer("autoscaling", "describe_auto_scaling_groups", group("InService", desired=1))
    targets(answer, "healthy")
    answer("elasticbeanstalk", "describe_events", {"Events": [{"Message": "Command failed on instance i-0."}]})
    found = environments.status(aws, place("environment"))
    assert (found.running, found.events) == (1, ("Command failed on instance i-0.",))
    assert problems(found) == ["The deployment failed: Elastic Beanstalk finds it Red"]


def test_a_function_has_a_version_and_no_replicas(
    aws: Aws, place: Any, answer: Answer, capsys: pytest.CaptureFixture[str]
) -> None:
    function = {"Version": "7", "State": "Active"}
    image = {"RepositoryType": "ECR", "ImageUri": "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop:0a1b"}
    answer("lambda", "get_function", {"Configuration": function, "Code": image})
    targets(answer, "unavailable")
    found = functions.status(aws, place("function"))
    assert found.deployment and (found.deployment.id, found.deployment.image) == ("version 7", "0a1b")
    assert "The load balancer has no healthy target for it." in problems(found)
    show([section("live", [found], NOW)])
    assert "on demand" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("orchestrator", "runs"),
    [
        ("machines", "sudo podman exec --interactive --tty shop /bin/sh"),
        ("environment", "label=com.docker.compose.service=shop) /bin/sh"),
    ],
)
def test_a_shell_on_a_machine(
    aws: Aws, place: Any, answer: Answer, commands: Commands, orchestrator: Orchestrator, runs: str
) -> None:
    if orchestrator == "machines":
        answer("autoscaling", "describe_auto_scaling_groups", group("Terminating", "InService"))
    else:
        answer(
            "elasticbeanstalk",
            "describe_environment_resources",
            {"EnvironmentResources": {"Instances": [{"Id": "i-1"}]}},
        )
    told: list[str] = []
    assert INTO[orchestrator](aws, place(orchestrator), "shop", "/bin/sh", told.append) == 0
    assert told == ["shop at ecs-fargate, machine i-1, container shop"]
    [call] = commands.calls
    assert call[:5] == ["aws", "ssm", "start-session", "--target", "i-1"]
    [command] = json.loads(call[call.index("--parameters") + 1])["command"]
    assert command.endswith(runs)


def test_without_a_machine_there_is_no_shell(aws: Aws, place: Any, answer: Answer, commands: Commands) -> None:
    answer("autoscaling", "describe_auto_scaling_groups", group())
    with pytest.raises(AbsentError, match="No machine of shop at ecs-fargate runs now"):
        INTO["machines"](aws, place("machines"), "shop", "/bin/sh", print)


def test_a_function_has_no_shell(place: Any) -> None:
    with pytest.raises(ConfigError, match="nobody can enter one"):
        shell_place([place("function")], None)


@pytest.mark.parametrize(
    ("orchestrator", "stream", "container", "instance"),
    [
        ("machines", "shop-init/i-0abc", "shop-init", "i-0abc"),
        ("environment", "shop/shop/4f1c", "shop", "4f1c"),
        ("function", "2026/11/25/[7]0a1b", "shop", "2026/11/25/[7]0a1b"),
    ],
)
def test_a_line_is_of_its_container(
    place: Any, orchestrator: Orchestrator, stream: str, container: str, instance: str
) -> None:
    event = {"logStreamName": stream, "message": "it works", "timestamp": 0, "eventId": "1"}
    line = log_line(event, place(orchestrator))
    assert (line.container, line.instance, line.text) == (container, instance, "it works")
