"""Which workloads of a Plan are rehearsed, and which are not: none is left out in silence."""

from __future__ import annotations

from typing import Final

from berth.plan import Plan
from berth.rehearse.ecs import TASK_DEFINITION
from berth.rehearse.ecs_runner import EcsRunner
from berth.rehearse.errors import RehearsalError
from berth.rehearse.kube import DEPLOYMENT
from berth.rehearse.kube_runner import KubeRunner
from berth.rehearse.podman import Podman
from berth.rehearse.runner import Runner
from berth.rehearse.session import Session
from components.service import ContainerSecurity
from policy.rules.kubernetes.pods import bears_pods

# Every type of a workload that can be run here, and what runs it.
RUNNERS: Final[dict[str, type[EcsRunner] | type[KubeRunner]]] = {TASK_DEFINITION: EcsRunner, DEPLOYMENT: KubeRunner}
# What runs a program as well, beside all kinds that start pods.
OTHERS: Final = frozenset(
    {
        "aws:apprunner/service:Service",
        "aws:batch/jobDefinition:JobDefinition",
        "aws:ec2/instance:Instance",
        "aws:elasticbeanstalk/environment:Environment",
        "aws:lambda/function:Function",
        "aws:lightsail/containerService:ContainerService",
        "docker:index/container:Container",
        "docker:index/service:Service",
    }
)


def choose_runners(podman: Podman, session: Session, plan: Plan, security: ContainerSecurity) -> list[Runner]:
    """Return what runs this Plan's workloads, one runner a backend.

    Raises:
        RehearsalError: The Plan has no workload that can be rehearsed, or several of one backend.
    """
    try:
        runners = [runner(podman, session, plan, security) for token, runner in RUNNERS.items() if plan.of_type(token)]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        # Neither ECS nor a cluster would take it; which field it is, their own schemas say better.
        raise RehearsalError(f"the workload of {plan.stack!r} is not formed as it must be: {error!r}") from error
    if not runners:
        raise RehearsalError(
            f"the plan of {plan.stack!r} has neither an ECS task definition nor a Kubernetes Deployment to rehearse"
        )
    return list(runners)


def left_out(plan: Plan) -> list[str]:
    """Return the workloads that no runner takes, e.g. ``DaemonSet logs``."""
    return [
        f"{resource.type.rpartition(':')[2]} {resource.name.rpartition('/')[2]}"
        for resource in plan.resources
        if resource.type not in RUNNERS and (resource.type in OTHERS or bears_pods(resource.type))
    ]
