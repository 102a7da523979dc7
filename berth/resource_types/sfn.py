"""Step Functions, which run the jobs of an ECS cluster."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from berth.plan import Resource
from berth.resource_types.charges import Charge, Charges, Context, items, unpriced
from berth.resource_types.ecs import task_charges
from berth.resource_types.prices import Selector, selector
from berth.resource_types.resource_type import Look, ResourceType, Way, both, forces

TRANSITIONS: Final = Decimal(5)
"""State transitions of a run that succeeds at once: begin, look, turn, run, succeeded."""
MINUTES_AN_HOUR: Final = Decimal(60)


def state_machine(resource: Resource, context: Context) -> Charges:
    """Charge a job's runs by its schedule, each as long as the usage says; on EC2 machines are billed, not tasks.

    At a berth that does not lead, the schedule is switched off and nothing runs.
    """
    # Here, and not at the top: a revision that is compared has modules of that name of its own.
    from components.service.cron import times_a_month

    job = next((one for one in context.plan.moorings if one.urn == resource.parent and one.kind == "job"), None)
    task = context.behind(resource, "definition", "aws:ecs/taskDefinition:TaskDefinition")
    if job is None or task is None:
        yield unpriced(resource, "state transitions", "the number of executions is not known")
        return
    if job.schedule is None:
        if job.leads:
            yield unpriced(resource, "runs", "it runs on demand, nobody knows how often")
        return
    if not job.leads:
        return
    runs = times_a_month(job.schedule) * context.usage.months
    yield Charge("state transitions", "states.transition", runs * TRANSITIONS)
    if "FARGATE" in items(task.inputs.get("requiresCompatibilities")):
        hours = runs * context.usage.job_minutes / MINUTES_AN_HOUR
        yield from task_charges(task, resource, hours, f"{runs:.0f} runs of {context.usage.job_minutes} minutes")


TYPES: Final = (
    ResourceType(
        "aws:sfn/stateMachine:StateMachine",
        state_machine,
        both("workload"),
        replaced_by=forces("name namePrefix type", "stepfunctions:UpdateStateMachine"),
        title=Look("Step Functions", "job"),
        ways={"definition": None},
        after={"aws:ecs/taskDefinition:TaskDefinition": Way("runs")},
        calls="iam: PassRole; states: CreateStateMachine DeleteStateMachine TagResource UntagResource "
        "UpdateStateMachine",
    ),
)

PRICES: Final[Mapping[str, Selector]] = {"states.transition": selector("AmazonStates", "StateTransition")}
