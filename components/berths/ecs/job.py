"""A job on ECS: a state machine that runs one task to its end, and the schedule that starts it.

EventBridge Scheduler could start the task by itself, and would know no more than that it started: no time-out, no
further attempt, no failure. Step Functions waits for the end (decision 0017).
"""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_aws as aws

from components.berths.ecs.capacity import Capacity
from components.berths.ecs.task import Task
from components.ground import Ground
from components.iam import Role, assumed_by, passing, statement
from components.mooring import Mooring
from components.service.cron import eventbridge_cron
from components.service.spec import Job
from components.site import Site

PAUSE_SECONDS = 10
"""Between two attempts."""
TURN_SECONDS = 60
"""Between two looks whether the run before has ended."""
LATEST_START_SECONDS = 3600
"""A run that could not begin by then is left out, because AWS did not answer or the run before it has not ended."""
START_ATTEMPTS = 20
"""Of EventBridge Scheduler within that time; not of the job, which is never started twice by them."""


def state_machine(site: Site, job: Job, container: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the definition, in the States Language with JSONata: wait for its turn, run, and judge what failed.

    Runs do not overlap: the oldest of those that have not ended goes on. So does one of two that EventBridge Scheduler
    starts where one is meant, as it says that it may.

    ``ecs:runTask.sync`` fails if any container ends with another code than 0, and a sidecar does where it is ended by
    the signal that it is sent after the job's own container. So that one's code alone decides.

    Args:
        site: where the stack stands.
        job: its times and attempts.
        container: name of the job's own container.
        arguments: of ``ecs:runTask``.
    """
    ended = f"$parse($states.input.Cause).Containers[Name='{container}'].ExitCode = 0"
    # What Step Functions says of a time-out, or of a task that never was, is no JSON.
    succeeded = f"$substring($string($states.input.Cause), 0, 1) = '{{' ? {ended} : false"
    # The newest comes first, and one that began just now may not be among them yet.
    oldest = "$states.result.Executions[-1].ExecutionArn = $states.context.Execution.Id"
    return {
        "QueryLanguage": "JSONata",
        "StartAt": "Begin",
        "States": {
            "Begin": {"Type": "Pass", "Assign": {"failures": 0, "looks": 0}, "Next": "Look"},
            "Look": {
                "Type": "Task",
                "Resource": f"arn:{site.partition}:states:::aws-sdk:sfn:listExecutions",
                "Arguments": {
                    "StateMachineArn": "{% $states.context.StateMachine.Id %}",
                    "StatusFilter": "RUNNING",
                    "MaxResults": 1000,
                },
                "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 5}],
                "Assign": {
                    "first": f"{{% $count($states.result.Executions) = 0 or {oldest} %}}",
                    "looks": "{% $looks + 1 %}",
                },
                "Next": "Turn",
            },
            "Turn": {
                "Type": "Choice",
                "Choices": [
                    {"Condition": "{% $first %}", "Next": "Run"},
                    {"Condition": f"{{% $looks <= {LATEST_START_SECONDS // TURN_SECONDS} %}}", "Next": "Queue"},
                ],
                "Default": "LeftOut",
            },
            "Queue": {"Type": "Wait", "Seconds": TURN_SECONDS, "Next": "Look"},
            "LeftOut": {
                "Type": "Fail",
                "Error": "Berth.LeftOut",
                "Cause": "the run before it had not ended an hour later",
            },
            "Run": {
                "Type": "Task",
                "Resource": f"arn:{site.partition}:states:::ecs:runTask.sync",
                "TimeoutSeconds": job.timeout_seconds,
                "Arguments": arguments,
                "Catch": [
                    {
                        "ErrorEquals": ["States.ALL"],
                        "Assign": {"failures": "{% $failures + 1 %}"},
                        "Output": "{% $states.errorOutput %}",
                        "Next": "Judge",
                    }
                ],
                "Next": "Succeeded",
            },
            "Judge": {
                "Type": "Choice",
                "Choices": [
                    {"Condition": f"{{% {succeeded} %}}", "Next": "Succeeded"},
                    {"Condition": f"{{% $failures <= {job.retries} %}}", "Next": "Pause"},
                ],
                "Default": "Failed",
            },
            "Pause": {"Type": "Wait", "Seconds": PAUSE_SECONDS, "Next": "Run"},
            "Succeeded": {"Type": "Succeed", "Output": {}},
            "Failed": {
                "Type": "Fail",
                "Error": "{% $states.input.Error %}",
                "Cause": "{% $exists($states.input.Cause) ? $string($states.input.Cause) : '' %}",
            },
        },
    }


def schedule(ground: Ground, mooring: Mooring, capacity: Capacity, task: Task, job: Job) -> str:
    """Create the state machine, and the schedule where the job has one: switched off where its mooring does not lead.

    Args:
        ground: what every room and berth stands on.
        mooring: the job.
        capacity: where it runs.
        task: what it runs.
        job: when, how long and how often.

    Returns:
        One command that starts a run.
    """
    site, name = ground.site, mooring.name
    arn = site.arn("states", f"stateMachine:{name}")
    role = Role(
        f"{name}-states",
        assumed_by("states.amazonaws.com", condition=_from(site, arn)),
        statements=_rights(site, task, capacity.cluster_name),
        opts=mooring.child,
    )
    # As the service's, in the API's own words: capacity_provider becomes CapacityProvider.
    strategies = [
        {"".join(map(str.capitalize, key.split("_"))): value for key, value in one.items()}
        for one in capacity.strategies
    ]
    arguments = {
        "Cluster": capacity.cluster_name,
        "TaskDefinition": task.name,  # its newest revision
        "CapacityProviderStrategy": strategies,
        "NetworkConfiguration": {
            "AwsvpcConfiguration": {
                "Subnets": ground.network.private_subnet_ids,
                "SecurityGroups": [task.group.id],
                "AssignPublicIp": "DISABLED",
            }
        },
        "EnableExecuteCommand": capacity.exec,
        "EnableECSManagedTags": True,
        "PropagateTags": "TASK_DEFINITION",
    }
    machine = aws.sfn.StateMachine(
        f"{name}-states",
        name=name,
        type="STANDARD",
        role_arn=role.arn,
        definition=pulumi.Output.json_dumps(state_machine(site, job, mooring.spec.name, arguments), sort_keys=True),
        logging_configuration={
            "level": "ERROR",
            "include_execution_data": True,  # which container ended how; a job has no input
            "log_destination": f"{site.arn('logs', f'log-group:{task.log_group}')}:*",
        },
        opts=mooring.child.merge(pulumi.ResourceOptions(depends_on=[task.definition, *task.ready, *role.ready])),
    )
    if job.schedule:
        _schedule(site, mooring, job.schedule, job.timezone, machine, arn)
    return f"aws stepfunctions start-execution --state-machine-arn {arn} {site.cli_options}"


def _schedule(
    site: Site, mooring: Mooring, cron: str, timezone: str, machine: aws.sfn.StateMachine, machine_arn: str
) -> None:
    name = f"{mooring.name}-schedule"
    role = Role(
        name,
        # The group is what EventBridge Scheduler says it acts for, not the schedule.
        assumed_by("scheduler.amazonaws.com", condition=_from(site, site.arn("scheduler", "schedule-group/default"))),
        statements=[statement(["states:StartExecution"], [machine_arn])],
        opts=mooring.child,
    )
    aws.scheduler.Schedule(
        name,
        name=mooring.name,
        group_name="default",
        schedule_expression=eventbridge_cron(cron),
        schedule_expression_timezone=timezone,
        flexible_time_window={"mode": "OFF"},
        state="ENABLED" if mooring.leads else "DISABLED",
        target={
            "arn": machine.arn,
            "role_arn": role.arn,
            "retry_policy": {
                "maximum_event_age_in_seconds": LATEST_START_SECONDS,
                "maximum_retry_attempts": START_ATTEMPTS,
            },
        },
        opts=mooring.child.merge(pulumi.ResourceOptions(depends_on=role.ready)),
    )


def _from(site: Site, arn: str) -> dict[str, Any]:
    """Return the condition that a role is assumed for one thing of this account alone."""
    return {"StringEquals": {"aws:SourceAccount": site.account, "aws:SourceArn": arn}}


def _rights(site: Site, task: Task, cluster: str) -> list[dict[str, Any]]:
    """Return what the state machine may do: run this task in this cluster, see it end, and write its log."""
    here = {"ArnEquals": {"ecs:cluster": site.arn("ecs", f"cluster/{cluster}")}}
    tasks = site.arn("ecs", f"task/{cluster}/*")
    return [
        statement(["ecs:RunTask"], [site.arn("ecs", f"task-definition/{task.name}:*")], Condition=here),
        statement(["ecs:DescribeTasks", "ecs:StopTask"], [tasks], Condition=here),
        statement(["ecs:TagResource"], [tasks], Condition={"StringEquals": {"ecs:CreateAction": "RunTask"}}),
        passing(site, task.roles, "ecs-tasks.amazonaws.com"),
        statement(["states:ListExecutions"], [site.arn("states", f"stateMachine:{task.name}")]),
        # How Step Functions learns that a task ended: a rule that AWS manages, one for the account and region.
        statement(
            ["events:DescribeRule", "events:PutRule", "events:PutTargets"],
            [site.arn("events", "rule/StepFunctionsGetEventsForECSTaskRule")],
        ),
        # They take no narrower resource (Step Functions developer guide, "Logging using CloudWatch Logs").
        statement(
            [
                *(f"logs:{verb}LogDelivery" for verb in ("Create", "Delete", "Get", "Update")),
                *("logs:DescribeLogGroups", "logs:DescribeResourcePolicies"),
                *("logs:ListLogDeliveries", "logs:PutResourcePolicy"),
            ],
            ["*"],
        ),
    ]
