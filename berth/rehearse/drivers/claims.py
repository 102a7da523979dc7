"""Which workloads of a Plan are rehearsed, and which are not: none is left out in silence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from berth.plan import Mooring, Plan, Resource
from berth.rehearse.drivers.beanstalk.driver import BeanstalkDriver
from berth.rehearse.drivers.driver import CRON_JOB, Driver, Unit
from berth.rehearse.drivers.ec2.driver import Ec2Driver
from berth.rehearse.drivers.ecs.driver import EcsDriver
from berth.rehearse.drivers.kubernetes.driver import KubernetesDriver
from berth.rehearse.drivers.lambda_.driver import LambdaDriver
from berth.rehearse.errors import RehearsalError
from berth.rehearse.podman import Podman
from berth.rehearse.session import Session
from berth.resource_types import RESOURCE_TYPES
from components.service.spec import ContainerSecurity
from policy.rules.kubernetes.custom import is_custom
from policy.rules.kubernetes.pods import bears_pods

_ALL: Final[tuple[type[Driver], ...]] = (
    EcsDriver,
    KubernetesDriver,
    Ec2Driver,
    BeanstalkDriver,
    LambdaDriver,
)
DRIVERS: Final[dict[str, type[Driver]]] = {token: driver for driver in _ALL for token in driver.claims}
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


def choose_drivers(podman: Podman, session: Session, plan: Plan, security: ContainerSecurity) -> list[Driver]:
    """Return what runs this Plan's workloads, one driver each.

    Raises:
        RehearsalError: The Plan has no workload that can be rehearsed, or one of them cannot be.
    """
    found: list[Driver] = []
    try:
        for number, unit in enumerate(units(plan), 1):
            found.append(DRIVERS[unit.workload.type](podman, session, unit, number, security))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        # Neither ECS nor a cluster would take it; which field it is, their own schemas say better.
        raise RehearsalError(f"the workload of {plan.stack!r} is not formed as it must be: {error!r}") from error
    if not found:
        raise RehearsalError(
            f"the plan of {plan.stack!r} has neither an ECS task definition nor a Kubernetes Deployment or CronJob to"
            " rehearse, nor a machine that runs units of Quadlet, nor a function of an image"
        )
    return found


def units(plan: Plan) -> Iterator[Unit]:
    """Yield the workloads of each mooring that a driver claims; of the whole Plan where there are no moorings."""
    for mooring in plan.moorings:
        claimed = _claimed_of(plan, mooring)
        for resource in claimed:
            of_several = f" ({_short(resource)})" if len(claimed) > 1 else ""
            yield Unit(f"{mooring.service} at {mooring.berth}{of_several}", resource, plan, mooring)
    if not plan.moorings:
        for resource in _claimed(plan.resources):
            yield Unit(_short(resource), resource, plan)


def _claimed(resources: Sequence[Resource]) -> list[Resource]:
    claimed = [one for one in resources if one.type in DRIVERS and DRIVERS[one.type].takes(one)]
    return [one for one in claimed if not DRIVERS[one.type].lacks()]


def _claimed_of(plan: Plan, mooring: Mooring) -> list[Resource]:
    """Return a mooring's workloads; a CronJob of a service that is no job needs a cluster to do its work on."""
    own = plan.inside(mooring.urn)
    return [
        one
        for one in _claimed(own)
        if (one.type != CRON_JOB or mooring.kind == "job") and not DRIVERS[one.type].is_part(one, own)
    ]


def _short(resource: Resource) -> str:
    return resource.name.rpartition("/")[2]


def left_out(plan: Plan) -> list[str]:
    """Return the workloads that are not run, e.g. ``DaemonSet logs``."""
    run = {unit.workload.urn for unit in units(plan)}
    bare = [one for one in plan.moorings if not _claimed_of(plan, one)]
    return [
        *(f"{mooring.service} at {mooring.berth}{_why(plan, mooring)}" for mooring in bare),
        *(
            f"{resource.type.rpartition(':')[2]} {_short(resource)}"
            for resource in plan.resources
            if resource.urn not in run
            and not _is_part(plan, resource)
            and (resource.type in OTHERS or _claimed([resource]) or _bears_pods(resource.type))
        ),
    ]


def _why(plan: Plan, mooring: Mooring) -> str:
    """Return why a mooring is not run, where it could be on another machine."""
    types = {one.type for one in plan.inside(mooring.urn)}
    reasons = sorted({DRIVERS[one].lacks() for one in types & DRIVERS.keys()} - {""})
    return f" ({', '.join(reasons)})" if reasons else ""


def _is_part(plan: Plan, resource: Resource) -> bool:
    """Say whether a workload is run with another one of its mooring."""
    driver = DRIVERS.get(resource.type)
    own = next((plan.inside(one.urn) for one in plan.moorings if one.urn == resource.parent), plan.resources)
    return driver is not None and driver.is_part(resource, own)


def _bears_pods(token: str) -> bool:
    """Say whether resources of a type start pods; a custom kind may, unless a record says what it is."""
    return bears_pods(token) and not (is_custom(token) and token in RESOURCE_TYPES)
