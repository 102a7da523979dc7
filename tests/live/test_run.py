"""``berth run``: a job begun by hand, on ECS against moto and on EKS by a kubectl of the test's own."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from moto.stepfunctions.models import StateMachine, StepFunctionBackend, stepfunctions_backends

import berth.live.place
from berth.live.place import Place, places
from berth.live.runs import LONGEST_NAME, run_name
from berth.plan import Plan
from tests.live.conftest import Commands, Run
from tests.live.ecs_world import ACCOUNT, REGION
from tests.live.test_logs import NOW, otlp, write
from tests.live.test_status import kubernetes_job, listed

Cloud = Callable[[str], Any]
TASK, ANOTHER = "0b69d5c0d5614c4e9e7b2a7c2f6a7d11", "ffffd5c0d5614c4e9e7b2a7c2f6a7d22"


@pytest.fixture
def jobs(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> dict[str, Place]:
    """The stack with the service billing as a job."""
    changed = [replace(one, kind="job" if one.service == "billing" else one.kind) for one in places(plan)]
    monkeypatch.setattr(
        berth.live.place, "places", lambda plan, service, at: [
            one for one in changed if one.service == service and at in (None, one.berth)
        ],
    )  # fmt: skip
    return {one.berth: one for one in changed if one.service == "billing"}


@pytest.fixture
def machine(cloud: Cloud, jobs: dict[str, Place]) -> Place:
    place = jobs["ecs-fargate"]
    cloud("stepfunctions").create_state_machine(
        name=place.name,
        definition='{"StartAt": "x", "States": {"x": {"Type": "Succeed"}}}',
        roleArn=f"arn:aws:iam::{ACCOUNT}:role/x",
    )
    return place


def ends(cloud: Cloud, place: Place, monkeypatch: pytest.MonkeyPatch, status: str, cause: str | None = None) -> None:
    """Have the state machine's execution start a task that writes a line, and end at the second look."""
    submitted = {"output": json.dumps({"Tasks": [{"TaskArn": f"arn:aws:ecs:x:1:task/c/{TASK}"}], "Failures": []})}
    event = {"timestamp": 0, "type": "TaskSubmitted", "id": 5, "taskSubmittedEventDetails": submitted}
    monkeypatch.setattr(StepFunctionBackend, "get_execution_history", lambda *_arguments: {"events": [event]})
    looks = 0

    def pause(_seconds: float) -> None:
        nonlocal looks
        looks += 1
        if looks == 1:
            write(cloud, place, f"billing/billing/{TASK}", just("counted 3 bills"))
            write(cloud, place, f"billing/billing/{ANOTHER}", just("another run's"))
            (found,) = stepfunctions_backends[ACCOUNT][REGION].state_machines
            (execution,) = found.executions
            execution.status, execution.cause, execution.error = status, cause, cause and "States.TaskFailed"
            execution.stop_date = execution.start_date
        if looks == 3:
            write(cloud, place, f"billing/billing-late/{TASK}", just("late"))

    monkeypatch.setattr("berth.live.log_lines.sleep", pause)


def just(text: str) -> tuple[int, str]:
    """A line that is written now."""
    return -int((datetime.now(UTC) - NOW).total_seconds()) - 1, text


def executions(place: Place) -> list[Any]:
    found: list[StateMachine] = stepfunctions_backends[ACCOUNT][REGION].state_machines
    return next(one for one in found if one.name == place.name).executions


def test_a_job_on_ecs_is_started_and_watched_to_its_end(
    run: Run, cloud: Cloud, machine: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud("logs").create_log_group(logGroupName=machine.log_group)
    ends(cloud, machine, monkeypatch, "SUCCEEDED")
    result = run("run", "live", "billing")
    assert result.exit_code == 0, result.output
    assert [line.split(" ", 1)[1] for line in result.stdout.splitlines()] == [
        "counted 3 bills",
        "billing/billing-late | late",
    ]
    (execution,) = executions(machine)
    assert result.stderr.splitlines() == [
        f"billing at ecs-fargate: started {execution.name}; Ctrl-C leaves it running.",
        "billing at ecs-fargate: succeeded in 0 seconds",
    ]


def test_a_job_that_fails_exits_with_1_and_says_why(
    run: Run, cloud: Cloud, machine: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud("logs").create_log_group(logGroupName=machine.log_group)
    cause = {"Containers": [{"Name": "billing", "ExitCode": 3}], "StoppedReason": "Essential container in task exited"}
    ends(cloud, machine, monkeypatch, "FAILED", json.dumps(cause))
    result = run("run", "live", "billing")
    assert result.exit_code == 1
    assert "failed in 0 seconds: Essential container in task exited; billing: exit code 3" in result.stderr


def test_it_need_not_be_waited_for(run: Run, cloud: Cloud, machine: Place) -> None:
    result = run("run", "live", "billing", "--no-wait")
    (execution,) = executions(machine)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.endswith(f"started {execution.name}; `berth status live billing` says how it went.\n")


def test_what_is_no_job_is_not_started(run: Run, jobs: dict[str, Place]) -> None:
    result = run("run", "live", "shop")
    assert result.exit_code == 2
    assert "shop is a web service and runs all the time; `berth run` starts jobs (kind: job)." in result.stderr


def test_a_job_that_is_not_up(run: Run, cloud: Cloud, jobs: dict[str, Place]) -> None:
    result = run("run", "live", "billing")
    assert result.exit_code == 2
    assert "the stack live is not up in eu-central-1" in result.stderr


def test_a_job_has_no_shell(run: Run, cloud: Cloud, jobs: dict[str, Place]) -> None:
    result = run("shell", "live", "billing")
    assert (result.exit_code, "billing is a job" in result.stderr) == (2, True)


@pytest.mark.parametrize(("condition", "code"), [("Complete", 0), ("Failed", 1)])
def test_a_job_on_eks_is_made_from_its_cron_job(
    run: Run, cloud: Cloud, commands: Commands, jobs: dict[str, Place], condition: str, code: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    place = jobs["eks"]
    monkeypatch.setattr("berth.live.runs.run_name", lambda *_: "billing-a")
    running = kubernetes_job("billing-a", 1, owner="billing")
    running["status"]["startTime"] = datetime.now(UTC).isoformat()
    commands.answer("kubectl", "get", "job/billing-a", out=running)
    commands.answer("kubectl", "get", "pods", out=listed())
    write(
        cloud,
        place,
        "pods",
        just(otlp("counted", "billing/billing-a-x2x4z:billing")),
        just(otlp("no", "b/billing-ab-x:b")),
    )

    def pause(_seconds: float) -> None:
        commands.answer("kubectl", "get", "job/billing-a", out=kubernetes_job("billing-a", 1, condition, "billing"))

    monkeypatch.setattr("berth.live.log_lines.sleep", pause)
    result = run("run", "live", "billing", "--berth", "eks")
    assert result.exit_code == code, result.output
    assert [line.split(" ", 1)[1] for line in result.stdout.splitlines()] == ["counted"]
    assert commands.calls[1][4:] == ["create", "job", "billing-a", "--from=cronjob/billing"]


def test_a_runs_name_fits_with_what_kubernetes_adds() -> None:
    name = run_name("a" * 60, datetime(2026, 11, 25, 8, tzinfo=UTC))
    assert len(name) <= LONGEST_NAME and name.startswith("aaa") and "-20261125-0800-" in name
    assert run_name("report", datetime.now(UTC)) != run_name("report", datetime.now(UTC))
