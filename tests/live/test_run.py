"""``berth run``: a job begun by hand, on ECS against moto and on EKS by a kubectl of the test's own."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from moto.stepfunctions.models import StateMachine, StepFunctionBackend, stepfunctions_backends

from berth.live.place import Place
from berth.live.runs import LONGEST_NAME, run_name
from tests.live.conftest import Commands, Run
from tests.live.ecs_world import ACCOUNT, REGION
from tests.live.test_logs import otlp, write
from tests.live.test_status import kubernetes_job, listed

Cloud = Callable[[str], Any]
TASK, ANOTHER = "0b69d5c0d5614c4e9e7b2a7c2f6a7d11", "ffffd5c0d5614c4e9e7b2a7c2f6a7d22"


@pytest.fixture
def machine(cloud: Cloud, named: dict[str, Place]) -> Place:
    place = named["report@ecs-fargate"]
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
            write(cloud, place, f"report/report/{TASK}", just("counted 3 bills"))
            write(cloud, place, f"report/report/{ANOTHER}", just("another run's"))
            (found,) = stepfunctions_backends[ACCOUNT][REGION].state_machines
            (execution,) = found.executions
            execution.status, execution.cause, execution.error = status, cause, cause and "States.TaskFailed"
            execution.stop_date = execution.start_date
        if looks == 3:
            write(cloud, place, f"report/report-late/{TASK}", just("late"))

    monkeypatch.setattr("berth.live.log_lines.sleep", pause)


def just(text: str) -> tuple[int, str]:
    """A line that is written now."""
    return -1, text


def executions(place: Place) -> list[Any]:
    found: list[StateMachine] = stepfunctions_backends[ACCOUNT][REGION].state_machines
    return next(one for one in found if one.name == place.name).executions


def test_a_job_on_ecs_is_started_and_watched_to_its_end(
    run: Run, cloud: Cloud, machine: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud("logs").create_log_group(logGroupName=machine.log_group)
    ends(cloud, machine, monkeypatch, "SUCCEEDED")
    result = run("run", "live", "report")
    assert result.exit_code == 0, result.output
    assert [line.split(" ", 1)[1] for line in result.stdout.splitlines()] == [
        "counted 3 bills",
        "report/report-late | late",
    ]
    (execution,) = executions(machine)
    assert result.stderr.splitlines() == [
        f"report at ecs-fargate: started {execution.name}; Ctrl-C leaves it running.",
        "report at ecs-fargate: succeeded in 0 seconds",
    ]


def test_a_job_that_fails_exits_with_1_and_says_why(
    run: Run, cloud: Cloud, machine: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud("logs").create_log_group(logGroupName=machine.log_group)
    cause = {"Containers": [{"Name": "report", "ExitCode": 3}], "StoppedReason": "Essential container in task exited"}
    ends(cloud, machine, monkeypatch, "FAILED", json.dumps(cause))
    result = run("run", "live", "report")
    assert result.exit_code == 1
    assert "failed in 0 seconds: Essential container in task exited; report: exit code 3" in result.stderr


def test_it_need_not_be_waited_for(run: Run, cloud: Cloud, machine: Place) -> None:
    result = run("run", "live", "report", "--no-wait")
    (execution,) = executions(machine)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.endswith(f"started {execution.name}; `berth status live report` says how it went.\n")


def test_what_is_no_job_is_not_started(run: Run, named: dict[str, Place]) -> None:
    result = run("run", "live", "shop")
    assert result.exit_code == 2
    assert "shop is a web service and runs all the time; `berth run` starts jobs (kind: job)." in result.stderr


def test_a_job_that_is_not_up(run: Run, cloud: Cloud, named: dict[str, Place]) -> None:
    result = run("run", "live", "report")
    assert result.exit_code == 2
    assert "the stack live is not up in eu-central-1" in result.stderr


def test_a_job_has_no_shell(run: Run, cloud: Cloud, named: dict[str, Place]) -> None:
    result = run("shell", "live", "report")
    assert (result.exit_code, "report is a job" in result.stderr) == (2, True)


@pytest.mark.parametrize(("condition", "code"), [("Complete", 0), ("Failed", 1)])
def test_a_job_on_eks_is_made_from_its_cron_job(
    run: Run, cloud: Cloud, commands: Commands, named: dict[str, Place], condition: str, code: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    place = named["report@eks"]
    monkeypatch.setattr("berth.live.runs.run_name", lambda *_: "report-a")
    running = kubernetes_job("report-a", 1, owner="report")
    running["status"]["startTime"] = datetime.now(UTC).isoformat()
    commands.answer("kubectl", "get", "job/report-a", out=running)
    commands.answer("kubectl", "get", "pods", out=listed())
    write(
        cloud,
        place,
        "pods",
        just(otlp("counted", "report/report-a-x2x4z:report")),
        just(otlp("no", "b/report-ab-x:b")),
    )

    def pause(_seconds: float) -> None:
        commands.answer("kubectl", "get", "job/report-a", out=kubernetes_job("report-a", 1, condition, "report"))

    monkeypatch.setattr("berth.live.log_lines.sleep", pause)
    result = run("run", "live", "report", "--berth", "eks")
    assert result.exit_code == code, result.output
    assert [line.split(" ", 1)[1] for line in result.stdout.splitlines()] == ["counted"]
    assert commands.calls[1][4:] == ["create", "job", "report-a", "--from=cronjob/report"]


def test_a_runs_name_fits_with_what_kubernetes_adds() -> None:
    name = run_name("a" * 60, datetime(2026, 11, 25, 8, tzinfo=UTC))
    assert len(name) <= LONGEST_NAME and name.startswith("aaa") and "-20261125-0800-" in name
    assert run_name("report", datetime.now(UTC)) != run_name("report", datetime.now(UTC))
