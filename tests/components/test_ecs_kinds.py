"""Workers and jobs on ECS: what starts a task, how many, and what becomes of one that fails."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from cfnlint.api import lint  # type: ignore[import-untyped]
from jsonata import Jsonata  # type: ignore[import-untyped]

from berth.cost.estimator import estimate
from berth.cost.pricelist import load_prices
from berth.cost.usage import Usage
from berth.plan import Plan, Resource
from components.berths.ecs.job import state_machine
from components.service.spec import Job
from tests.components.specs import SITE
from tests.programs import Record

CONFIG = """\
  berth:ecs-ec2: {maxInstances: 12}
  berth:services:
    shop: {image: "registry.example.com/shop:1.4.2", ports: {admin: {port: 9000, path: /admin}}}
    mail:
      kind: worker
      image: "registry.example.com/mail:1"
      minReplicas: 0
      memoryTargetPercent: 70
      shutdownSeconds: 90
      schedules:
        - {cron: "0 8 * * MON-FRI", timezone: Europe/Berlin, minReplicas: 4, maxReplicas: 10}
        - {cron: "0 18 * * *", minReplicas: 0, maxReplicas: 1}
    report:
      kind: job
      image: "registry.example.com/report:1"
      schedule: "30 3 * * 1"
      timezone: Europe/Berlin
      timeoutSeconds: 900
      retries: 2
    once: {kind: job, image: "registry.example.com/report:1"}
"""
BERTHS = "  berth:berths: {ecs-fargate: 90, ecs-ec2: 10}\n"
ARGUMENTS: dict[str, Any] = {
    "Cluster": "berth-same-ecs-fargate",
    "TaskDefinition": "report",
    "CapacityProviderStrategy": [{"CapacityProvider": "FARGATE", "Base": 1, "Weight": 1}],
    "NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": ["subnet-1"], "SecurityGroups": ["sg-1"]}},
}


@pytest.fixture(scope="module")
def plan(record: Record) -> Plan:
    return record(None, BERTHS + CONFIG)


def inside(plan: Plan, service: str, berth: str, ending: str) -> list[Resource]:
    [mooring] = [one for one in plan.moorings if (one.service, one.berth) == (service, berth)]
    return [one for one in plan.inside(mooring.urn) if one.type.endswith(ending)]


def statements(plan: Plan, role: str) -> list[dict[str, Any]]:
    [policy] = [one for one in plan.of_type("aws:iam/rolePolicy:RolePolicy") if one.name == f"{role}-policy"]
    found: list[dict[str, Any]] = json.loads(policy.inputs["policy"])["Statement"]
    return found


@pytest.mark.parametrize("berth", ["ecs-fargate", "ecs-ec2"])
def test_a_worker_is_a_service_that_nobody_calls(plan: Plan, berth: str) -> None:
    [service] = inside(plan, "mail", berth, "ecs/service:Service")
    assert service.inputs["desiredCount"] == 0
    assert not {"loadBalancers", "healthCheckGracePeriodSeconds"} & service.inputs.keys()
    [task] = inside(plan, "mail", berth, "TaskDefinition")
    [container] = json.loads(task.inputs["containerDefinitions"])
    assert container["portMappings"] == [] and container["stopTimeout"] == 90
    assert inside(plan, "mail", berth, "targetGroup:TargetGroup") == []
    assert [one for one in inside(plan, "mail", berth, "IngressRule") if "mail" in one.name] == []


def test_a_worker_scales_by_use_and_by_the_clock(plan: Plan) -> None:
    policies = inside(plan, "mail", "ecs-fargate", "appautoscaling/policy:Policy")
    kinds = [
        one.inputs["targetTrackingScalingPolicyConfiguration"]["predefinedMetricSpecification"]["predefinedMetricType"]
        for one in policies
    ]
    assert sorted(kinds) == ["ECSServiceAverageCPUUtilization", "ECSServiceAverageMemoryUtilization"]
    actions = inside(plan, "mail", "ecs-fargate", "ScheduledAction")
    assert [(one.inputs["schedule"], one.inputs["timezone"]) for one in actions] == [
        ("cron(0 8 ? * MON,TUE,WED,THU,FRI *)", "Europe/Berlin"),
        ("cron(0 18 * * ? *)", "UTC"),
    ]
    assert actions[0].inputs["scalableTargetAction"] == {"minCapacity": 4, "maxCapacity": 10}
    assert actions[0].urn in actions[1].dependencies  # AWS refuses two changes of one target at a time


def test_every_port_has_a_target_group_that_its_container_fills(plan: Plan) -> None:
    [service] = inside(plan, "shop", "ecs-fargate", "ecs/service:Service")
    filled = [(one["containerName"], one["containerPort"]) for one in service.inputs["loadBalancers"]]
    assert filled == [("shop", 8080), ("shop", 9000)]
    [task] = inside(plan, "shop", "ecs-fargate", "TaskDefinition")
    [container] = json.loads(task.inputs["containerDefinitions"])
    assert [one["containerPort"] for one in container["portMappings"]] == [8080, 9000]


def test_a_job_is_scheduled_where_its_mooring_leads(plan: Plan) -> None:
    states = {}
    for berth in ("ecs-fargate", "ecs-ec2"):
        [schedule] = inside(plan, "report", berth, "scheduler/schedule:Schedule")
        states[berth] = schedule.inputs["state"]
        assert schedule.inputs["scheduleExpression"] == "cron(30 3 ? * MON *)"
        assert schedule.inputs["scheduleExpressionTimezone"] == "Europe/Berlin"
        assert schedule.inputs["flexibleTimeWindow"] == {"mode": "OFF"}
        # What it starts may begin at once.
        [machine] = inside(plan, "report", berth, "StateMachine")
        assert machine.urn in schedule.property_dependencies["target"]
        assert not inside(plan, "report", berth, "ecs/service:Service")
    assert states == {"ecs-fargate": "ENABLED", "ecs-ec2": "DISABLED"}
    assert {one.timeout_seconds for one in plan.moorings if one.service == "report"} == {900}
    assert inside(plan, "once", "ecs-fargate", "StateMachine")
    assert not inside(plan, "once", "ecs-fargate", "scheduler/schedule:Schedule")


def test_the_state_machine_may_run_this_task_in_this_cluster_alone(plan: Plan) -> None:
    rights = {action: one for one in statements(plan, "berth-same-ecs-ec2-report-states") for action in one["Action"]}
    here = {"ArnEquals": {"ecs:cluster": "arn:aws:ecs:eu-central-1:123456789012:cluster/berth-same-ecs-ec2"}}
    assert rights["ecs:RunTask"]["Condition"] == rights["ecs:StopTask"]["Condition"] == here
    family = "arn:aws:ecs:eu-central-1:123456789012:task-definition/berth-same-ecs-ec2-report:*"
    assert rights["ecs:RunTask"]["Resource"] == [family]
    roles = {one.inputs["name"] for one in inside(plan, "report", "ecs-ec2", "iam/role:Role")}
    passed = {arn.rpartition("/")[2] for arn in rights["iam:PassRole"]["Resource"]}
    assert passed == {"berth-same-ecs-ec2-report-execution", "berth-same-ecs-ec2-report-task"} < roles
    assert [action for action, one in rights.items() if "*" in one["Resource"] and not action.startswith("logs:")] == []
    started = statements(plan, "berth-same-ecs-ec2-report-schedule")
    machine = "arn:aws:states:eu-central-1:123456789012:stateMachine:berth-same-ecs-ec2-report"
    assert [(one["Action"], one["Resource"]) for one in started] == [(["states:StartExecution"], [machine])]


def test_a_job_starts_after_all_that_its_task_needs(plan: Plan) -> None:
    [machine] = inside(plan, "report", "ecs-fargate", "StateMachine")
    types = {urn.split("::")[2].rsplit("$", 1)[-1] for urn in machine.dependencies}
    assert {
        "aws:ecs/taskDefinition:TaskDefinition",
        "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
    } <= types


def test_the_command_starts_a_run(plan: Plan) -> None:
    arn = "arn:aws:states:eu-central-1:123456789012:stateMachine:berth-same-ecs-ec2-report"
    command = f"aws stepfunctions start-execution --state-machine-arn {arn} --region eu-central-1"
    assert plan.outputs["access"]["report"]["ecs-ec2"] == command


def test_a_jobs_runs_are_priced_by_its_schedule(plan: Plan) -> None:
    """Mondays only, a quarter of an hour, at the berth that leads; what runs on demand is said to be unknown."""
    found = estimate(plan, load_prices("eu-central-1"), Usage(job_minutes=Decimal(15)))
    runs = Decimal(365) / 12 / 7
    lines = {one.what: one for one in found.lines if one.type == "aws:sfn/stateMachine:StateMachine"}
    assert {one.component for one in lines.values()} == {"report at ecs-fargate"}
    assert lines["state transitions"].quantity == 5 * runs
    assert lines["vCPU of 4 runs of 15 minutes"].quantity == runs / 4 / 4
    assert lines["memory of 4 runs of 15 minutes"].quantity == runs / 4 / 2
    demanded = [one.component for one in found.unpriced if one.what == "runs"]
    assert demanded == ["once at ecs-fargate"]
    assert [one.component for one in found.unpriced if one.what == "tasks by schedule"] == ["mail at ecs-fargate"]


def pascal_case(value: Any) -> Any:
    """Return a provider's inputs with CloudFormation's names of the keys."""
    if isinstance(value, dict):
        return {key[0].upper() + key[1:]: pascal_case(inner) for key, inner in value.items()}
    return [pascal_case(inner) for inner in value] if isinstance(value, list) else value


def test_what_starts_and_scales_fits_cloudformations_schemas(plan: Plan) -> None:
    """Enumerations, patterns, lengths and required properties; ARNs that do not exist yet are made up."""
    [schedule] = inside(plan, "report", "ecs-fargate", "scheduler/schedule:Schedule")
    arn = "arn:aws:iam::123456789012:role/schedule"
    inputs = {**schedule.inputs, "target": {**schedule.inputs["target"], "arn": arn, "roleArn": arn}}
    [target] = inside(plan, "mail", "ecs-fargate", "appautoscaling/target:Target")
    actions = [
        {f"scheduledAction{key[0].upper()}{key[1:]}" if key == "name" else key: value for key, value in one.items()}
        for one in (action.inputs for action in inside(plan, "mail", "ecs-fargate", "ScheduledAction"))
    ]
    own = ("serviceNamespace", "scalableDimension", "resourceId")
    actions = [{key: value for key, value in one.items() if key not in own} for one in actions]
    template = {
        "Schedule": {"Type": "AWS::Scheduler::Schedule", "Properties": pascal_case(inputs)},
        "Target": {
            "Type": "AWS::ApplicationAutoScaling::ScalableTarget",
            "Properties": pascal_case({**target.inputs, "scheduledActions": actions}),
        },
    }
    assert lint(json.dumps({"Resources": template})) == []
    template["Schedule"]["Properties"]["State"] = "OFF"
    assert len(lint(json.dumps({"Resources": template}))) == 1


# --- the state machine ---


def definition(retries: int = 2) -> dict[str, Any]:
    return state_machine(SITE, Job(timeout_seconds=900, retries=retries), "report", ARGUMENTS)


@pytest.mark.parametrize("retries", [0, 2])
def test_the_definition_is_one_of_the_states_language(retries: int) -> None:
    properties = {"RoleArn": "arn:aws:iam::123456789012:role/states", "Definition": definition(retries)}
    machine = {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}
    assert lint(json.dumps({"Resources": {"Machine": machine}})) == []
    run = definition()["States"]["Run"]
    assert run["Resource"].endswith(":ecs:runTask.sync") and run["TimeoutSeconds"] == 900


def evaluated(text: str, **bound: Any) -> Any:
    """Evaluate an expression as Step Functions does."""
    expression = Jsonata(text.removeprefix("{%").removesuffix("%}"))
    expression.register_lambda("parse", json.loads)  # a function of Step Functions, not of JSONata
    frame = expression.create_frame()
    for name, value in bound.items():
        frame.bind(name, value)
    return expression.evaluate(None, frame)


@pytest.mark.parametrize(
    ("running", "first"),
    [
        (["own"], True),
        (["newer", "own"], True),
        (["own", "older"], False),
        (["older"], False),  # its own start is not seen yet
        ([], True),
    ],
)
def test_runs_do_not_overlap(running: list[str], first: bool) -> None:
    states = definition()["States"]
    result = {"Executions": [{"ExecutionArn": name} for name in running]}
    bound = {"result": result, "context": {"Execution": {"Id": "own"}}}
    assert evaluated(states["Look"]["Assign"]["first"], states=bound) is first
    turn = [evaluated(one["Condition"], first=first, looks=1) for one in states["Turn"]["Choices"]]
    assert turn == [first, True]
    assert evaluated(states["Turn"]["Choices"][1]["Condition"], looks=61) is False
    assert states["Turn"]["Default"] == "LeftOut" and states["LeftOut"]["Type"] == "Fail"


def judged(error: str, cause: str | None, failures: int, retries: int) -> str:
    """Go through the choice as Step Functions does, and return the state that follows."""
    choice = definition(retries)["States"]["Judge"]
    for one in choice["Choices"]:
        given = {"input": {"Error": error, "Cause": cause} if cause else {"Error": error}}
        if evaluated(one["Condition"], failures=failures, states=given) is True:
            return str(one["Next"])
    return str(choice["Default"])


def ended(own: int | None, sidecar: int | None = 0) -> str:
    """Return the cause that Step Functions gives of a task that ended, as the ECS API describes it."""
    containers = [{"Name": "proxy", "ExitCode": sidecar}, {"Name": "report", "ExitCode": own}]
    known = [{key: value for key, value in one.items() if value is not None} for one in containers]
    return json.dumps({"Containers": known, "StopCode": "EssentialContainerExited"})


@pytest.mark.parametrize(
    ("error", "cause", "follows"),
    [
        # A sidecar that is ended by a signal after the job is no failure of the job.
        ("States.TaskFailed", ended(0, 143), "Succeeded"),
        ("States.TaskFailed", ended(1, 0), "Pause"),
        ("States.TaskFailed", ended(137, 137), "Pause"),
        # Its image was not found: no container has a code.
        ("States.TaskFailed", ended(None, None), "Pause"),
        ("States.Timeout", None, "Pause"),
        ("ECS.AccessDeniedException", "User is not authorized to perform: ecs:RunTask", "Pause"),
    ],
)
def test_only_the_jobs_own_exit_code_counts(error: str, cause: str | None, follows: str) -> None:
    assert judged(error, cause, failures=1, retries=1) == follows
    assert judged(error, cause, failures=2, retries=1) == ("Succeeded" if follows == "Succeeded" else "Failed")
    assert judged(error, cause, failures=1, retries=0) == ("Succeeded" if follows == "Succeeded" else "Failed")
