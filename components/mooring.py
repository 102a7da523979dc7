"""A mooring: one service at one berth, with the target groups that are its whole contract with the edge.

Every mooring has groups of its own, one for each port that requests reach, and fills them. Two never share one: the EKS
controller deregisters targets it does not know. What the berth makes of the service are the mooring's children.
"""

from __future__ import annotations

import hashlib
from typing import Any, Literal

import pulumi
import pulumi_aws as aws

from components.deployment import ROLLING, DeploymentSettings
from components.ground import Ground
from components.service.spec import Endpoint, Job, ServiceSpec

DEREGISTRATION_DELAY = 30
"""Seconds a leaving target keeps its connections; AWS's default of 300 is what makes deploys slow."""

TargetShape = Literal["ip", "instance", "lambda"]


def target_group_name(site: str, berth: str, service: str, port: int, which: str = "") -> str:
    """Return the group's name, at most 32 characters.

    What forces a replacement is hashed into the name: the new group must stand beside the old one
    while the listener moves over, and two groups cannot have one name.
    """
    digest = hashlib.sha256(f"{site}/{berth}/{service}/{port}{which}".encode()).hexdigest()[:8]
    return f"{site[:23].rstrip('-')}-{digest}"


class Mooring(pulumi.ComponentResource):
    """One service at one berth."""

    name: str
    """Prefix of the names of what it is made of."""
    spec: ServiceSpec
    berth: str
    """Name of the berth."""
    weight: int
    """Its share of the service's requests, 0 to 999, relative to the service's other moorings."""
    shape: TargetShape
    """What its target groups register."""
    leads: bool
    """Whether it is the one of its service's moorings where a job runs by its schedule."""
    target_groups: dict[str, aws.lb.TargetGroup]
    """The groups this mooring fills, and no other does, by the name of the endpoint."""
    alternates: dict[str, aws.lb.TargetGroup]
    """The groups that a release fills beside them, where AWS shifts the requests to it; else none."""
    rules: dict[str, aws.lb.ListenerRule]
    """The rules of its own that AWS shifts requests by; there once the edge leads to the service."""
    arrivals: list[pulumi.Resource]
    """What forwards to the groups: there once the edge leads to the service, and needed before a target registers."""
    alarms: list[aws.cloudwatch.MetricAlarm]
    """On failed requests and unhealthy targets; there once the edge leads to the service."""
    load_balancer: aws.lb.LoadBalancer | None
    """What it comes from; there once the edge leads to the service."""
    access: str
    """One command that opens a shell in, or follows the logs of, the running service; there once it is moored."""

    def __init__(
        self,
        ground: Ground,
        spec: ServiceSpec,
        *,
        berth: str,
        weight: int,
        leads: bool = True,
        shape: TargetShape = "ip",
        tags: dict[str, str] | None = None,
        deployment: DeploymentSettings = ROLLING,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Create the mooring's target groups, one for each endpoint of the service.

        Health is an endpoint's ``health_path``, alive rather than ready: when the database is away, ECS would
        otherwise stop every task, and a restarted one could do no better.

        Args:
            ground: what every room and berth stands on.
            spec: the service.
            berth: name of the berth.
            weight: its share of the requests.
            leads: whether it is the one of its service's moorings where a job runs by its schedule.
            shape: what the berth registers as targets.
            tags: more tags of the group; EKS Auto Mode fills only groups that carry its cluster's name.
            deployment: how its releases take over.
            opts: resource options.
        """
        self.name = name = f"{ground.site.name}-{berth}-{spec.name}"
        ways = [_way(endpoint) for endpoint in spec.endpoints]
        inputs = {"service": spec.name, "kind": spec.kind, "berth": berth, "weight": weight, "leads": leads}
        super().__init__("berth:berths:Mooring", name, {**inputs, **_times(spec.job), "ways": ways}, opts)
        self.spec, self.berth, self.weight, self.leads, self.shape = spec, berth, weight, leads, shape
        self.child = pulumi.ResourceOptions(parent=self)
        self.deployment, self.rules = deployment, {}
        self.arrivals, self.alarms, self.load_balancer = [], [], None
        tags = tags or {}
        self.target_groups = {one.name: self._target_group(ground, one, shape, tags) for one in spec.endpoints}
        self.alternates = (
            {one.name: self._target_group(ground, one, shape, tags, "alternate") for one in spec.endpoints}
            if deployment.shifts
            else {}
        )

    def _target_group(
        self, ground: Ground, endpoint: Endpoint, shape: TargetShape, tags: dict[str, str], which: str = ""
    ) -> aws.lb.TargetGroup:
        # Two hyphens: an endpoint's name has none.
        name = "-".join(part for part in (self.name, endpoint.name) if part) + (f"--{which}" if which else "")
        health = {"path": endpoint.health_path, "matcher": "200", "healthy_threshold": 2, "unhealthy_threshold": 3}
        kind: dict[str, Any]
        if shape == "lambda":
            # A function is called, not connected to: its group has neither port nor network (Elastic Load Balancing API
            # reference, ``CreateTargetGroup``), each health check is a call that is paid and may be a cold start, and
            # without lists of values the second ``Set-Cookie`` of an answer would be lost.
            kind = {
                "lambda_multi_value_headers_enabled": True,
                "health_check": {**health, "enabled": True, "interval": 35, "timeout": 30},
            }
        else:
            kind = {
                "port": endpoint.port,
                "protocol": "HTTP",
                "vpc_id": ground.network.vpc_id,
                "deregistration_delay": DEREGISTRATION_DELAY,
                "health_check": {**health, "protocol": "HTTP", "interval": 10, "timeout": 5},
            }
        return aws.lb.TargetGroup(
            name,
            name=target_group_name(ground.site.name, self.berth, self.spec.name, endpoint.port, which),
            target_type=shape,
            **kind,
            tags={"Name": name, **tags},
            # The provider deletes what has a fixed name before it replaces it, and AWS refuses to delete a group that
            # a listener forwards to. The hash in the name keeps old and new apart.
            opts=self.child.merge(pulumi.ResourceOptions(delete_before_replace=False)),
        )

    @property
    def requests_metric(self) -> dict[str, Any] | None:
        """The load balancer's count of requests for each target of the service's own port, as what scales by it."""
        if self.load_balancer is None:
            return None
        label = pulumi.Output.concat(self.load_balancer.arn_suffix, "/", self.target_groups[""].arn_suffix)
        return {"predefined_metric_type": "ALBRequestCountPerTarget", "resource_label": label}

    def moored(self, access: str) -> None:
        """Say that the service's berth has made all of it."""
        self.access = access
        self.register_outputs({"access": access})


def _times(job: Job | None) -> dict[str, str | int | None]:
    """Return when a job runs and how long, as the Plan has it: a state machine's definition is known after creation."""
    if job is None:
        return {}
    return {"schedule": job.schedule, "timezone": job.timezone, "timeoutSeconds": job.timeout_seconds}


def _way(endpoint: Endpoint) -> dict[str, str | int | None]:
    """Return an endpoint as the Plan has it."""
    exposure = endpoint.exposure
    ways = {"exposure": exposure.kind, "path": exposure.path, "host": exposure.host}
    stripped = {"strip": True} if exposure.strip else {}
    return {"name": endpoint.name, "port": endpoint.port, **ways, **stripped}
