"""Where each service of a stack runs, learnt from its Plan alone: no account is asked. Pure."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from berth.errors import ConfigError
from berth.plan import Kind, Mooring, Plan, Resource
from policy.rules.machines.user_data import texts
from policy.rules.values import Field

Orchestrator = Literal["ecs", "kubernetes", "machines", "environment", "function"]
"""What runs a service: ``machines`` are an Auto Scaling group's, an ``environment`` is Elastic Beanstalk's."""

_CLUSTERS: Mapping[str, Orchestrator] = {"aws:ecs/cluster:Cluster": "ecs", "eks:index:Cluster": "kubernetes"}
"""What a host has for all its services."""
_OWN: Mapping[str, Orchestrator] = {
    "aws:autoscaling/group:Group": "machines",
    "aws:elasticbeanstalk/environment:Environment": "environment",
    "aws:lambda/function:Function": "function",
}
"""What a mooring has for itself, of berths without a cluster."""
_TARGET_GROUP = "aws:lb/targetGroup:TargetGroup"
_TASK_DEFINITION = "aws:ecs/taskDefinition:TaskDefinition"
_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
_SERVICE = "aws:ecs/service:Service"
_SCHEDULE = "aws:scheduler/schedule:Schedule"
_POD_MAKERS = ("kubernetes:apps/v1:Deployment", "kubernetes:batch/v1:CronJob")


@dataclass(frozen=True)
class Access:
    """How AWS is asked about a stack."""

    stack: str
    region: str
    profile: str | None = None
    """``aws:profile``; None for the environment's own credentials."""

    @property
    def options(self) -> list[str]:
        """Return what a command of the AWS CLI has to be told."""
        return ["--region", self.region, *(["--profile", self.profile] if self.profile else [])]


@dataclass(frozen=True)
class Place:
    """One service at one berth, by the names that it has there."""

    name: str
    """The mooring's, which is a job's state machine on ECS as well."""
    service: str
    """Also the name of the Kubernetes object, of its namespace and of its first container."""
    berth: str
    weight: int
    share: float | None
    """Percentage of the service's requests; None where all weights are 0."""
    kind: Kind
    orchestrator: Orchestrator
    cluster: str
    """Name of what runs it: the cluster, the Auto Scaling group, the environment or the function."""
    log_group: str
    leads: bool = True
    """Whether it has the highest weight of the service's places: there a job runs by its schedule."""
    image: str = ""
    """Of the service's own container, as it is planned."""
    containers: tuple[str, ...] = ()
    """Of one task or pod, those that only run before it included; the service's own first."""
    target_groups: tuple[str, ...] = ()
    """Their names; several where the service has several ports."""
    running: str = ""
    """Name of the ECS service."""
    exec: bool = True
    """Whether a shell may be opened: on ECS a switch of the berth."""
    schedule: str | None = None
    """Name of a job's schedule in EventBridge Scheduler, as ``group/name``; None without one, and on Kubernetes."""

    def __str__(self) -> str:
        return f"{self.service} at {self.berth}"


def access(plan: Plan) -> Access:
    """Return how to ask AWS about the stack.

    Raises:
        ConfigError: The stack does not say its region.
    """
    region = plan.config.get("aws:region")
    if not region:
        raise ConfigError(
            f"The stack {plan.stack} names no region.\nExample, in Pulumi.{plan.stack}.yaml: aws:region: eu-central-1"
        )
    return Access(plan.stack, region, plan.config.get("aws:profile") or None)


def places(plan: Plan, service: str | None = None, berth: str | None = None) -> list[Place]:
    """Return where the services run, in the order of service and berth; of one service, one berth, or all.

    Raises:
        ConfigError: The stack has no services of Berth's, or none of this name, or not at this berth.
    """
    hosts = {host.berth: host.urn for host in plan.hosts}
    found = [_place(plan, one, plan.inside(hosts[one.berth])) for one in plan.moorings if one.berth in hosts]
    every = [one for one in found if one is not None]
    if not every:
        raise ConfigError(
            f"The stack {plan.stack} runs no service that Berth knows.\n"
            "Its services stand under berth:service or berth:services, its berths under berth:backend or berth:berths."
        )
    chosen = every
    for what, name in (("service", service), ("berth", berth)):
        if name is not None:
            known = sorted({getattr(one, what) for one in chosen})
            chosen = [one for one in chosen if getattr(one, what) == name]
            if not chosen:
                raise ConfigError(_unknown(what, name, known, plan.stack))
    return chosen


def leading(among: Sequence[Place]) -> Place:
    """Return the one of a service's places that leads, or the only one that was chosen."""
    return next((one for one in among if one.leads), among[0])


def _unknown(what: str, name: str, known: Sequence[str], stack: str) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    return f'The stack {stack} has no {what} "{name}".{hint}\nAllowed: {", ".join(known)}'


def _place(plan: Plan, mooring: Mooring, ground: Sequence[Resource]) -> Place | None:
    """Return a mooring's place; None where it runs on something that these commands cannot ask."""
    inside = plan.inside(mooring.urn)
    name = next(one.name for one in plan.resources if one.urn == mooring.urn)
    # The function of a mooring's migrations is no more than begun by its name.
    own = sorted((one for one in inside if one.type in _OWN), key=lambda one: one.inputs.get("name") != name)
    cluster = next(iter([*(one for one in ground if one.type in _CLUSTERS), *own]), None)
    if cluster is None:
        return None
    by_type: dict[str, list[Resource]] = {}
    for one in inside:
        by_type.setdefault(one.type, []).append(one)
    services, schedules = by_type.get(_SERVICE, []), by_type.get(_SCHEDULE, [])
    images = dict(_images(inside, mooring.service))
    return Place(
        name=name,
        service=mooring.service,
        berth=mooring.berth,
        weight=mooring.weight,
        share=plan.share(mooring),
        kind=mooring.kind,
        orchestrator={**_CLUSTERS, **_OWN}[cluster.type],
        cluster=str(cluster.inputs["name"]),
        log_group=_log_group(by_type, name),
        leads=mooring.leads,
        image=images.get(mooring.service, ""),
        containers=tuple(dict.fromkeys((mooring.service, *images))),
        target_groups=tuple(str(one.inputs["name"]) for one in by_type.get(_TARGET_GROUP, [])),
        running=next((str(one.inputs["name"]) for one in services), mooring.service),
        exec=all(bool(one.inputs.get("enableExecuteCommand")) for one in services),
        schedule=next((f"{one.inputs.get('groupName', 'default')}/{one.inputs['name']}" for one in schedules), None),
    )


def _log_group(by_type: Mapping[str, Sequence[Resource]], name: str) -> str:
    groups = [str(one.inputs.get("name")) for one in by_type.get("aws:cloudwatch/logGroup:LogGroup", [])]
    return f"/berth/{name}" if f"/berth/{name}" in groups or not groups else groups[0]


def _images(inside: Sequence[Resource], service: str) -> Iterator[tuple[str, str]]:
    """Yield each container's name and image; in a cluster, what scales a service by the clock makes pods as well."""
    for one in inside:
        containers: Sequence[Any] = ()
        if one.type == _TASK_DEFINITION and isinstance(text := one.inputs.get("containerDefinitions"), str):
            containers = json.loads(text)
        elif one.type in _POD_MAKERS and one.inputs["metadata"]["name"] == service:
            spec = _pod_spec(one.inputs["spec"])
            containers = [*spec["containers"], *(spec.get("initContainers") or ())]
        elif one.type == _TEMPLATE and isinstance(one.inputs.get("userData"), str):
            containers = [
                {"name": _last("ContainerName", text.content), "image": _last("Image", text.content)}
                for text in texts(Field(one.inputs["userData"]))
                if text.path.endswith(".container")
            ]
        yield from ((str(container["name"]), str(container["image"])) for container in containers)


def _last(key: str, unit: str) -> str:
    """Return what a unit of Quadlet says of a key; empty where it says nothing."""
    return next(iter(re.findall(rf"^{key}=(.*)$", unit, re.MULTILINE)[::-1]), "")


def _pod_spec(spec: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the pods' spec within a Deployment's or a CronJob's."""
    spec = spec["jobTemplate"]["spec"] if "jobTemplate" in spec else spec
    pod: Mapping[str, Any] = spec["template"]["spec"]
    return pod
