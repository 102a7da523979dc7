"""Services and jobs on ECS, Fargate or EC2: what ECS, Step Functions and EventBridge Scheduler know of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, Literal

from berth.live.aws import Aws
from berth.live.errors import AbsentError
from berth.live.place import Place
from berth.live.status import TOO_LONG, Deployment, JobRun, Status, problems, version
from berth.live.targets import targets

RUNS: Final = 5
"""Last runs of a job that are looked at."""
EVENTS: Final = 5
_STATES: Final[Mapping[str, Literal["completed", "in progress", "failed"]]] = {
    "COMPLETED": "completed",
    "IN_PROGRESS": "in progress",
    "FAILED": "failed",
}
_RESULTS: Final[Mapping[str, Literal["succeeded", "running", "failed"]]] = {
    "SUCCEEDED": "succeeded",
    "RUNNING": "running",
    "PENDING_REDRIVE": "running",
}
"""What a state machine's execution is; all others have failed."""


def status(aws: Aws, place: Place) -> Status:
    """Return what is known of a service or job; one that does not exist is not present.

    Raises:
        LiveError: AWS cannot be asked.
    """
    try:
        return _job(aws, place) if place.kind == "job" else _service(aws, place)
    except AbsentError:
        return Status(place, present=False)


def _service(aws: Aws, place: Place) -> Status:
    described = aws.call("ecs", "describe_services", cluster=place.cluster, services=[place.running])
    service = next((one for one in described["services"] if one["status"] != "INACTIVE"), None)
    if service is None:
        return Status(place, present=False)
    found = Status(
        place,
        desired=service["desiredCount"],
        running=service["runningCount"],
        pending=service["pendingCount"],
        deployment=_deployment(aws, place, service),
        targets=targets(aws, place),
    )
    return replace(found, events=_events(aws, place, service)) if problems(found) else found


def _deployment(aws: Aws, place: Place, service: Mapping[str, Any]) -> Deployment | None:
    """Return the deployment that ECS is at; a failed one that it rolls back is told, as `up` failed with it."""
    primary = next((one for one in service.get("deployments", ()) if one["status"] == "PRIMARY"), None)
    if primary is None:
        return None
    task = aws.call("ecs", "describe_task_definition", taskDefinition=primary["taskDefinition"])["taskDefinition"]
    images = {one["name"]: one["image"] for one in task["containerDefinitions"]}
    failed = next((one for one in service["deployments"] if one.get("rolloutState") == "FAILED"), primary)
    return Deployment(
        primary["id"],
        _STATES.get(failed.get("rolloutState", "COMPLETED"), "in progress"),
        version(images.get(place.service, "")),
        primary.get("createdAt"),
        failed.get("rolloutStateReason", ""),
    )


def _events(aws: Aws, place: Place, service: Mapping[str, Any]) -> tuple[str, ...]:
    """Return why the last tasks stopped, which ECS remembers for an hour, and what the service last said."""
    stopped = aws.call(
        "ecs", "list_tasks", cluster=place.cluster, serviceName=place.running, desiredStatus="STOPPED", maxResults=100
    )["taskArns"]
    tasks = aws.call("ecs", "describe_tasks", cluster=place.cluster, tasks=stopped)["tasks"] if stopped else []
    tasks.sort(key=lambda one: str(one.get("stoppedAt", "")), reverse=True)
    said = [stop_reason(task) for task in tasks[:EVENTS]]
    said += [event["message"] for event in service.get("events", ())[:EVENTS]]
    return tuple(dict.fromkeys(said))


def stop_reason(task: Mapping[str, Any]) -> str:
    """Say why a task stopped: ``0b69d5c0 stopped: Essential container in task exited; shop: exit code 137``. Pure."""
    said = [str(task.get("stoppedReason") or "no reason is given")]
    for container in task.get("containers", ()):
        code, reason = container.get("exitCode"), container.get("reason")
        if code or reason:
            known = [f"exit code {code}" if code is not None else "", str(reason or "")]
            said.append(f"{container['name']}: {', '.join(filter(None, known))}")
    return f"{str(task['taskArn']).rpartition('/')[2][:8]} stopped: {'; '.join(said)}"


def _job(aws: Aws, place: Place) -> Status:
    machine = aws.state_machine(place.name)
    executions = aws.call("stepfunctions", "list_executions", stateMachineArn=machine, maxResults=RUNS)["executions"]
    runs = tuple(_run(aws, one) for one in executions)
    return Status(place, schedule=_schedule(aws, place), runs=runs)


def _schedule(aws: Aws, place: Place) -> str:
    if place.schedule is None:
        return ""
    group, _, name = place.schedule.partition("/")
    found = aws.call("scheduler", "get_schedule", GroupName=group, Name=name)
    text = f"{found['ScheduleExpression']} {found.get('ScheduleExpressionTimezone', 'UTC')}"
    return text if found.get("State", "ENABLED") == "ENABLED" else f"{text}, switched off"


def _run(aws: Aws, listed: Mapping[str, Any]) -> JobRun:
    """Return a run; why it failed is not in the list."""
    if _RESULTS.get(listed["status"], "failed") == "failed":
        return job_run(aws.call("stepfunctions", "describe_execution", executionArn=listed["executionArn"]))
    return job_run(listed)


def job_run(execution: Mapping[str, Any]) -> JobRun:
    """Return how an execution goes or went. Pure."""
    result = _RESULTS.get(execution["status"], "failed")
    reason = failure(execution) if result == "failed" else ""
    return JobRun(execution["name"], result, execution["startDate"], execution.get("stopDate"), reason)


def failure(execution: Mapping[str, Any]) -> str:
    """Say why an execution failed: a task's exit code where one ran, else what Step Functions says. Pure."""
    if execution["status"] == "TIMED_OUT" or execution.get("error") == "States.Timeout":
        return TOO_LONG
    if execution["status"] == "ABORTED":
        return "it was stopped"
    cause = execution.get("cause", "")
    try:
        task = json.loads(cause)
        codes = [f"{one['Name']}: exit code {one['ExitCode']}" for one in task["Containers"] if one.get("ExitCode")]
        return "; ".join(filter(None, (task.get("StoppedReason"), *codes)))
    except (ValueError, TypeError, KeyError):
        return ": ".join(filter(None, (execution.get("error"), cause))) or "no reason is given"
