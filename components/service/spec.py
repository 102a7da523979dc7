"""What runs: the service, its security and its bindings, said once and translated by every berth.

Nothing here knows where the service runs, and nothing here creates a resource.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import pulumi

from components.offer import Binding, Grant, Offer, Reach

if TYPE_CHECKING:
    from components.rooms.image.image import Image
    from components.service.settings import ServiceSettings

Architecture = Literal["amd64", "arm64"]


@dataclass(frozen=True)
class ContainerSecurity:
    """How a container is confined, whatever runs it.

    A berth translates each field; none may weaken one. The defaults are the house's promise and
    what Kubernetes calls Pod Security ``restricted``, plus a read-only root.
    """

    uid: int = 10001
    """User id of every process; above 10000, so it meets no account of a host."""
    gid: int = 10001
    """Group id of every process and of the files in the writable paths."""
    drop_capabilities: tuple[str, ...] = ("ALL",)
    """Linux capabilities taken away; exactly ``ALL`` under Pod Security ``restricted``."""
    read_only_root: bool = True
    """The root file system cannot be written."""
    no_new_privileges: bool = True
    """A set-uid program gains nothing."""
    seccomp_profile: str = "RuntimeDefault"
    """Kubernetes' name of the profile; ECS and podman always use their run time's default."""
    writable_paths: tuple[str, ...] = ("/tmp",)
    """The only paths that can be written; each is empty at the start and ends with the container."""


@dataclass(frozen=True)
class Scale:
    """How many replicas run, and what makes more of them."""

    fewest: int = 2
    most: int = 4
    cpu_percent: int = 60
    """Average CPU use that autoscaling aims at."""
    requests: int = 1000
    """Requests a target and minute that autoscaling aims at, where requests are counted."""


@dataclass(frozen=True)
class Exposure:
    """Who reaches the service, and by which requests."""

    kind: Literal["public", "internal"] = "public"
    """Whether the API leads to it, or only the services that use it reach it."""
    path: str | None = None
    """Beginning of the paths that lead to it; None for all."""
    host: str | None = None
    """Host name that leads to it; None for all."""


@dataclass(frozen=True)
class ServiceSpec:
    """One containerised service."""

    name: str
    """DNS label, used in the names of what a berth creates."""
    image: str
    """Full image reference, known at preview."""
    architecture: Architecture
    """Processor the image is built for."""
    port: int
    """TCP port the service listens on, above 1023: a non-root process can bind no lower one."""
    health_path: str
    """Path that answers 200 while the process is alive."""
    ready_path: str
    """Path that answers 200 while the service can take requests."""
    cpu: int
    """CPU units, 1024 to a vCPU."""
    memory: int
    """Memory in MiB, a hard limit."""
    scale: Scale = field(default_factory=Scale)
    exposure: Exposure = field(default_factory=Exposure)
    environment: Mapping[str, str] = field(default_factory=dict)
    """Plain environment variables, all known at preview."""
    bindings: tuple[Binding, ...] = ()
    health_command: tuple[str, ...] | None = None
    """Command run inside the container, exit 0 when healthy; ECS only, pods are asked by HTTP."""
    init_command: tuple[str, ...] | None = None
    """Command that must succeed before the service starts (migrations), in the same image."""
    shutdown_seconds: int = 30
    """Time between SIGTERM and SIGKILL."""
    log_retention_days: int = 30
    grants: tuple[Grant, ...] = ()
    """Its rights on AWS."""
    reach: tuple[Reach, ...] = ()
    """Where it may connect to, beside AWS's APIs."""
    ready: tuple[pulumi.Resource, ...] = ()
    """What must exist before it can start."""
    repository_arn: str | None = None
    """ECR repository of the image; None for another registry's."""
    security: ContainerSecurity = field(default_factory=ContainerSecurity)


def service_spec(
    settings: ServiceSettings, image: Image, offers: Sequence[Offer], environment: Mapping[str, str]
) -> ServiceSpec:
    """Return what runs, from config, the image and what rooms offer.

    The service's own port, end and number of replicas come first, then ``environment``, then that of the offers, then
    ``berth:service.environment``. What only the init command is given goes where there is one.
    """
    variables = {key: value for offer in offers for key, value in offer.environment.items()}
    bindings = [binding for offer in offers for binding in offer.bindings]
    granted = [Grant(tuple(grant.actions), tuple(grant.resources)) for grant in settings.grants]
    return ServiceSpec(
        name=settings.name,
        image=image.reference,
        architecture=settings.architecture,
        port=settings.port,
        health_path=settings.health_path,
        ready_path=settings.ready_path,
        cpu=settings.cpu,
        memory=settings.memory,
        scale=Scale(
            settings.min_replicas, settings.max_replicas, settings.cpu_target_percent, settings.requests_target
        ),
        exposure=Exposure(settings.exposure, settings.path, settings.host),
        environment={
            "PORT": str(settings.port),
            "SHUTDOWN_SECONDS": str(settings.shutdown_seconds),
            "MAX_REPLICAS": str(settings.max_replicas),
            **environment,
            **variables,
            **settings.environment,
        },
        bindings=tuple(one for one in bindings if settings.init_command or not one.init_only),
        health_command=tuple(settings.health_command) if settings.health_command else None,
        init_command=tuple(settings.init_command) if settings.init_command else None,
        shutdown_seconds=settings.shutdown_seconds,
        log_retention_days=settings.log_retention_days,
        grants=(*(grant for offer in offers for grant in offer.grants), *granted),
        reach=tuple(reach for offer in offers for reach in offer.reach),
        ready=(*image.ready, *(resource for offer in offers for resource in offer.ready)),
        repository_arn=image.repository_arn,
    )
