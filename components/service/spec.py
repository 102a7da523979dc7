"""What runs: the service, its security and its bindings, said once and translated by every berth.

Nothing here knows where the service runs, and nothing here creates a resource.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pulumi

from components.offer import Binding, Grant, Offer, Reach
from components.service.settings import SAMPLE_COMMAND
from components.service.sources import folder_of

if TYPE_CHECKING:
    from components.rooms.image.image import Image
    from components.service.settings import ServiceSettings
    from components.service.sidecars import SidecarSettings
    from components.service.sources import SourceSettings

Architecture = Literal["amd64", "arm64"]
Kind = Literal["web", "worker", "job"]


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
class Scheduled:
    """How many replicas run from a time on that comes again."""

    cron: str
    """Five fields."""
    timezone: str
    fewest: int
    most: int


@dataclass(frozen=True)
class Scale:
    """How many replicas run, and what makes more of them."""

    fewest: int = 2
    most: int = 4
    cpu_percent: int = 60
    """Average CPU use that autoscaling aims at."""
    memory_percent: int | None = None
    """Average memory use that autoscaling aims at as well."""
    requests: int = 1000
    """Requests a target and minute that autoscaling aims at, where requests are counted."""
    scheduled: tuple[Scheduled, ...] = ()

    @property
    def greatest(self) -> int:
        """How many run at most, at any time of the day."""
        return max(self.most, *(one.most for one in self.scheduled), 0)


@dataclass(frozen=True)
class Exposure:
    """Who reaches the service, and by which requests."""

    kind: Literal["public", "internal"] = "public"
    """Whether the API leads to it, or only the services that use it reach it."""
    path: str | None = None
    """Beginning of the paths that lead to it; None for all."""
    host: str | None = None
    """Host name that leads to it; None for all."""
    strip: bool = False
    """Whether it is sent what comes after ``path``."""


@dataclass(frozen=True)
class Endpoint:
    """A port that requests reach."""

    port: int
    """TCP port, above 1023: a non-root process can bind no lower one."""
    health_path: str
    """Path that answers 200 while the process is alive."""
    exposure: Exposure = field(default_factory=Exposure)
    name: str = ""
    """DNS label; empty for the service's own port."""


@dataclass(frozen=True)
class Source:
    """A secret that exists already: where it lies. Exactly one of ``secret`` and ``parameter`` is set."""

    secret: str | None = None
    """Name or ARN in Secrets Manager."""
    field: str | None = None
    """Key of the JSON that the secret holds; None for the secret as a whole."""
    parameter: str | None = None
    """Name of a parameter of Systems Manager."""


@dataclass(frozen=True)
class File:
    """A file that the service's own container may read."""

    path: str
    """Absolute; its folder is mounted, and holds nothing but the service's files."""
    content: str | Source
    """Its text, known at preview, or a secret."""

    @property
    def folder(self) -> str:
        """The folder that is mounted."""
        return folder_of(self.path)


@dataclass(frozen=True)
class Sidecar:
    """A further container of the same task or pod, confined as the service's own."""

    name: str
    image: str
    cpu: int
    """CPU units, of the service's."""
    memory: int
    """MiB, of the service's; a hard limit."""
    entrypoint: tuple[str, ...] | None = None
    command: tuple[str, ...] | None = None
    port: int | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, Source] = field(default_factory=dict)
    essential: bool = True
    """Whether the task ends when it does."""
    health_command: tuple[str, ...] | None = None
    """The service starts once this ends with 0."""


@dataclass(frozen=True)
class Job:
    """What makes a service run to its end and no longer."""

    schedule: str | None = None
    """Five fields of cron; None where it runs on demand only."""
    timezone: str = "UTC"
    timeout_seconds: int = 3600
    """Longest time of an attempt."""
    retries: int = 0
    """Further attempts of a run that failed."""


@dataclass(frozen=True)
class ServiceSpec:
    """One containerised service."""

    name: str
    """DNS label, used in the names of what a berth creates."""
    image: str
    """Full image reference, known at preview."""
    architecture: Architecture
    """Processor the image is built for."""
    cpu: int
    """CPU units, 1024 to a vCPU; of all its containers together."""
    memory: int
    """Memory in MiB, a hard limit; of all its containers together."""
    endpoints: tuple[Endpoint, ...] = ()
    """Ports that requests reach, its own first; none of a worker or a job."""
    ready_path: str = "/readyz"
    """Path of the first endpoint that answers 200 while the service can take requests."""
    job: Job | None = None
    """Set where it runs to its end; a service without endpoints that is no job is a worker, and runs all the time."""
    scale: Scale = field(default_factory=Scale)
    entrypoint: tuple[str, ...] | None = None
    """In place of the image's own."""
    command: tuple[str, ...] | None = None
    """In place of the image's own."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Plain environment variables, all known at preview."""
    bindings: tuple[Binding, ...] = ()
    secrets: Mapping[str, Source] = field(default_factory=dict)
    """Secrets that exist already, by environment variable; ``init_command`` has them as well."""
    files: tuple[File, ...] = ()
    sidecars: tuple[Sidecar, ...] = ()
    health_command: tuple[str, ...] | None = None
    """Command run inside the container, exit 0 when healthy; pods of a web service are asked by HTTP instead."""
    init_command: tuple[str, ...] | None = None
    """Command that must succeed before the service starts (migrations), in the same image."""
    shutdown_seconds: int = 30
    """Time between SIGTERM and SIGKILL."""
    log_retention_days: int = 30
    own_command: tuple[str, ...] | None = None
    """The image's own CMD where it is known: whoever puts a program before it has to repeat it."""
    grants: tuple[Grant, ...] = ()
    """Its rights on AWS."""
    reach: tuple[Reach, ...] = ()
    """Where it may connect to, beside AWS's APIs."""
    ready: tuple[pulumi.Resource, ...] = ()
    """What must exist before it can start."""
    repository_arn: str | None = None
    """ECR repository of the image; None for another registry's."""
    security: ContainerSecurity = field(default_factory=ContainerSecurity)

    @property
    def sources(self) -> tuple[Source, ...]:
        """All secrets that exist already and that one of its containers is given, each once."""
        files = (file.content for file in self.files if isinstance(file.content, Source))
        beside = (source for sidecar in self.sidecars for source in sidecar.secrets.values())
        return tuple(dict.fromkeys([*self.secrets.values(), *files, *beside]))

    @property
    def kind(self) -> Kind:
        """What kind of service it is."""
        return "job" if self.job else "web" if self.endpoints else "worker"


def service_spec(
    settings: ServiceSettings, image: Image, offers: Sequence[Offer], environment: Mapping[str, str]
) -> ServiceSpec:
    """Return what runs, from config, the image and what rooms offer.

    The service's own port, end and number of replicas come first, then ``environment``, then that of the offers, then
    ``berth:service.environment``. What only the init command is given goes where there is one.

    Args:
        settings: the service's.
        image: what it runs.
        offers: what it uses gives.
        environment: what the edge tells a service that answers requests.
    """
    variables = {key: value for offer in offers for key, value in offer.environment.items()}
    bindings = [binding for offer in offers for binding in offer.bindings]
    granted = [Grant(tuple(grant.actions), tuple(grant.resources)) for grant in settings.grants]
    listens = {"PORT": str(settings.port), **environment} if settings.kind == "web" else {}
    return ServiceSpec(
        name=settings.name,
        image=image.reference,
        architecture=settings.architecture,
        cpu=settings.cpu,
        memory=settings.memory,
        endpoints=tuple(
            Endpoint(door.port, door.health_path, Exposure(door.exposure, door.path, door.host, door.strip_path), name)
            for name, door in settings.doors.items()
        ),
        ready_path=settings.ready_path,
        job=_job(settings) if settings.kind == "job" else None,
        scale=_scale(settings),
        entrypoint=_words(settings.entrypoint),
        command=_words(settings.command),
        own_command=SAMPLE_COMMAND if settings.is_sample else None,
        environment={
            **listens,
            "SHUTDOWN_SECONDS": str(settings.shutdown_seconds),
            "MAX_REPLICAS": str(settings.most_replicas),
            **variables,
            **settings.environment,
        },
        bindings=tuple(one for one in bindings if settings.init_command or not one.init_only),
        secrets=_sources(settings.secrets),
        files=tuple(
            File(one.path, Path(one.source).read_text() if one.source else _source(one)) for one in settings.files
        ),
        sidecars=tuple(_sidecar(name, one) for name, one in sorted(settings.sidecars.items())),
        health_command=_words(settings.health_command),
        init_command=_words(settings.init_command),
        shutdown_seconds=settings.shutdown_seconds,
        log_retention_days=settings.log_retention_days,
        grants=(*(grant for offer in offers for grant in offer.grants), *granted),
        reach=tuple(reach for offer in offers for reach in offer.reach),
        ready=(*image.ready, *(resource for offer in offers for resource in offer.ready)),
        repository_arn=image.repository_arn,
    )


def _words(command: Sequence[str] | None) -> tuple[str, ...] | None:
    return tuple(command) if command else None


def _job(settings: ServiceSettings) -> Job:
    return Job(settings.schedule, settings.timezone, settings.timeout_seconds, settings.retries)


def _scale(settings: ServiceSettings) -> Scale:
    return Scale(
        settings.min_replicas,
        settings.max_replicas,
        settings.cpu_target_percent,
        settings.memory_target_percent,
        settings.requests_target,
        tuple(Scheduled(one.cron, one.timezone, one.min_replicas, one.max_replicas) for one in settings.schedules),
    )


def _source(settings: SourceSettings) -> Source:
    return Source(settings.secret, settings.field, settings.parameter)


def _sources(settings: Mapping[str, SourceSettings]) -> dict[str, Source]:
    return {name: _source(settings[name]) for name in sorted(settings)}


def _sidecar(name: str, settings: SidecarSettings) -> Sidecar:
    return Sidecar(
        name=name,
        image=settings.image,
        cpu=settings.cpu,
        memory=settings.memory,
        entrypoint=_words(settings.entrypoint),
        command=_words(settings.command),
        port=settings.port,
        environment=settings.environment,
        secrets=_sources(settings.secrets),
        essential=settings.essential,
        health_command=_words(settings.health_command),
    )
