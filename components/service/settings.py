"""``berth:service`` and ``berth:services``: what runs, each service by a name of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from components.config.checks import Case
from components.config.errors import Problem
from components.config.keys import Int, Key, Model, Rule, between, each, log_retention, matching, relative_path
from components.service import variables
from components.service.cron import cron, time_zone
from components.service.grants import GrantSettings
from components.service.ports import Door, PortSettings
from components.service.rules import host_name, http_path, image_reference, path_prefix, port_number, words
from components.service.scaling import ScheduleSettings
from components.service.sidecars import SidecarSettings
from components.service.sources import FileSettings, SourceSettings, secret_variables

SAMPLE_CONTEXT: Final = "services/biometric"
"""Build context of the sample service, whose commands are known."""
SAMPLE_COMMAND: Final = ("python", "-m", "biometric")
SAMPLE_HEALTH_COMMAND: Final = ("python", "-m", "biometric.health")
SAMPLE_INIT_COMMAND: Final = ("python", "-m", "biometric.migrate")
DATABASE: Final = "database"
"""What a service uses unless it says otherwise, if it is the stack's only one or the sample."""

service_name: Final = matching(
    r"(?!internal$)[a-z]([a-z0-9]|-(?!-))*(?<!-)",
    "a DNS label of at most 20 characters: lower-case letters, digits and single hyphens, first a letter; not "
    "internal, which load balancers reserve",
    "cannot be part of a DNS name",
    longest=20,
)

use: Final = each(matching(r"[a-z][a-z0-9-]*", "database, or the name of an internal service", "is no name of either"))


def _port_names(values: Mapping[str, object]) -> Iterator[str]:
    for name in values:
        yield from service_name.find(name)


class ServiceSettings(Model):
    """``berth:service``: what runs."""

    name: Annotated[
        str, Key("Name of the service, first part of the names of what it is made of.", service_name, "biometric")
    ] = "biometric"
    kind: Annotated[
        Literal["web", "worker", "job"],
        Key(
            "web answers requests; worker runs all the time and answers none; job runs to its end, by its schedule or "
            "on demand.",
            example="worker",
        ),
    ] = "web"
    context: Annotated[
        str, Key("Folder the image is built from, relative to Pulumi.yaml.", relative_path, "services/biometric")
    ] = SAMPLE_CONTEXT
    dockerfile: Annotated[str, Key("Dockerfile, relative to the context.", relative_path, "docker/Dockerfile")] = (
        "Dockerfile"
    )
    build_args: Annotated[
        dict[str, str], Key("Build arguments of the Dockerfile.", variables.build_arguments, {"PYTHON_VERSION": "3.13"})
    ] = Field(default_factory=dict)
    image: Annotated[
        str | None,
        Key(
            "A prebuilt image's reference; nothing is built or pushed then.",
            image_reference,
            "ghcr.io/example/biometric:1.4.2",
            default="the image is built",
        ),
    ] = None
    architecture: Annotated[
        Literal["amd64", "arm64"], Key("Processor the image is built for and runs on.", example="arm64")
    ] = "amd64"
    entrypoint: Annotated[
        list[str] | None, Key("In place of the image's ENTRYPOINT.", words, ["python"], default="the image's")
    ] = None
    command: Annotated[
        list[str] | None,
        Key("In place of the image's CMD.", words, ["python", "-m", "shop.worker"], default="the image's"),
    ] = None
    port: Annotated[Int, Key("TCP port the service listens on.", port_number, 8080)] = 8080
    ports: Annotated[
        dict[str, PortSettings],
        Key(
            "Further ports, each under a name of its own; an internal one's address is <NAME>_<PORT'S NAME>_URL.",
            Rule("names as of service.name, each to an object of port, exposure, path, host, healthPath", _port_names),
            {"admin": {"port": 9000, "path": "/admin"}},
        ),
    ] = Field(default_factory=dict)
    health_path: Annotated[str, Key("Path that answers 200 while the process is alive.", http_path, "/healthz")] = (
        "/healthz"
    )
    ready_path: Annotated[
        str, Key("Path that answers 200 while the service can take requests.", http_path, "/readyz")
    ] = "/readyz"
    cpu: Annotated[
        Int,
        Key(
            "CPU units of one replica, 1024 to a vCPU. On ecs-fargate only certain pairs with memory exist; on "
            "ecs-ec2 it is 128 at least.",
            between(1, 196608),
            512,
        ),
    ] = 256
    memory: Annotated[
        Int,
        Key(
            "Memory of one replica in MiB, a hard limit. On ecs-fargate only certain pairs with cpu exist.",
            between(6, 25_165_824),
            1024,
        ),
    ] = 512
    min_replicas: Annotated[
        Int, Key("Replicas that always run; 0 for a worker that schedules bring more of.", between(0, 5000), 2)
    ] = 2
    max_replicas: Annotated[
        Int, Key("Replicas that autoscaling stops at; not below minReplicas.", between(1, 5000), 10)
    ] = 4
    environment: Annotated[
        dict[str, str], Key("Plain environment variables.", variables.environment, {"LOG_LEVEL": "info"})
    ] = Field(default_factory=dict)
    secrets: Annotated[
        dict[str, SourceSettings],
        Key(
            "Secrets that exist already, as environment variables. What starts reads the newest value; an `up` after a "
            "rotation starts all anew.",
            secret_variables,
            {"API_KEY": {"secret": "shop/api-key", "field": "key"}, "TOKEN": {"parameter": "/shop/token"}},
        ),
    ] = Field(default_factory=dict)
    files: Annotated[
        list[FileSettings],
        Key(
            "Files that it may read: from the project, or secrets. A file's folder holds these files and nothing else.",
            example=[{"path": "/etc/shop/app.yaml", "source": "config/app.yaml"}],
        ),
    ] = Field(default_factory=list)
    sidecars: Annotated[
        dict[str, SidecarSettings],
        Key(
            "Further containers beside its own, each under its name: they share its network, CPU and memory.",
            Rule("names as of service.name, each to an object of image and more", _port_names),
            {"agent": {"image": "public.ecr.aws/example/agent:1.4.2", "port": 9000}},
        ),
    ] = Field(default_factory=dict)
    health_command: Annotated[
        list[str] | None,
        Key(
            "Command run inside the container that ends with 0 while it is healthy. ECS only; pods are asked by HTTP.",
            words,
            ["python", "-m", "biometric.health"],
            default="the sample's own if the sample is built, else none",
        ),
    ] = None
    init_command: Annotated[
        list[str] | None,
        Key(
            "Command that must succeed, in the same image, before the service starts: migrations.",
            words,
            ["python", "-m", "biometric.migrate"],
            default="the sample's own if the sample is built, else none",
        ),
    ] = None
    shutdown_seconds: Annotated[
        Int, Key("Time between SIGTERM and SIGKILL, in seconds; the bounds are Fargate's.", between(2, 120), 60)
    ] = 30
    log_retention_days: Annotated[Int, Key("Days the service's logs are kept.", log_retention, 90)] = 30
    cpu_target_percent: Annotated[
        Int, Key("Average CPU use, in percent, that autoscaling aims at.", between(10, 90), 60)
    ] = 60
    memory_target_percent: Annotated[
        Int | None,
        Key("Average memory use, in percent, that autoscaling aims at.", between(10, 90), 75, default="none"),
    ] = None
    requests_target: Annotated[
        Int, Key("Requests per target and minute that autoscaling aims at. ECS only.", between(1, None), 1000)
    ] = 1000
    schedules: Annotated[
        list[ScheduleSettings],
        Key(
            "Replicas by the clock.",
            example=[{"cron": "0 8 * * MON-FRI", "timezone": "Europe/Berlin", "minReplicas": 4, "maxReplicas": 10}],
        ),
    ] = Field(default_factory=list)
    schedule: Annotated[
        str | None,
        Key("When a job runs, as cron's five fields.", cron, "0 3 * * *", default="on demand: `berth run STACK JOB`"),
    ] = None
    timezone: Annotated[str, Key("Time zone of a job's schedule.", time_zone, "Europe/Berlin")] = "UTC"
    timeout_seconds: Annotated[Int, Key("Longest time of a job's attempt, in seconds.", between(10, 604_800), 900)] = (
        3600
    )
    retries: Annotated[Int, Key("Further attempts of a job that fails.", between(0, 10), 2)] = 0
    uses: Annotated[
        list[str] | None,
        Key(
            "What the service uses: database, or the name of an internal service, whose address it is given as "
            "<NAME>_URL. It reaches nothing else of the stack.",
            use,
            ["database"],
            default="[database] in berth:service and for the sample, else []",
        ),
    ] = None
    exposure: Annotated[
        Literal["public", "internal"],
        Key("Whether the API leads to it, or only the stack's services that use it reach it.", example="internal"),
    ] = "public"
    path: Annotated[
        str | None,
        Key(
            "Beginning of the paths that lead to it; the service is sent the whole path, unless stripPath is true. "
            "Without path and host it gets what no other service does.",
            path_prefix,
            "/shop",
            default="all",
        ),
    ] = None
    strip_path: Annotated[
        bool, Key("Whether the service is sent what comes after path, instead of the whole path.", example=True)
    ] = False
    host: Annotated[
        str | None,
        Key(
            "Host name that leads to it: one that api.domain.name covers. Public services only.",
            host_name,
            "shop.example.com",
            default="all",
        ),
    ] = None
    grants: Annotated[
        list[GrantSettings],
        Key(
            "Rights on AWS that it has beside those of what it uses, on every berth.",
            example=[{"actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::shop-media/*"]}],
        ),
    ] = Field(default_factory=list)

    @property
    def doors(self) -> dict[str, Door]:
        """Return the ports that requests reach, by name; the service's own is the one without."""
        return {"": self, **self.ports} if self.kind == "web" else {}

    @property
    def most_replicas(self) -> int:
        """Return how many replicas run at most, at any time of the day."""
        return max(self.max_replicas, *(one.max_replicas for one in self.schedules), 0)

    @property
    def is_internal(self) -> bool:
        """Whether other services reach it, by one port at least."""
        return any(door.exposure == "internal" for door in self.doors.values())

    @property
    def is_sample(self) -> bool:
        """Whether the image is the sample's, built here."""
        return self.image is None and self.context == SAMPLE_CONTEXT

    def named(self, name: str, *, alone: bool) -> ServiceSettings:
        """Return the service under its name, with the defaults that depend on other keys.

        Args:
            name: the service's name.
            alone: whether it was given as ``berth:service``.
        """
        uses = self.uses
        if uses is None:
            uses = [DATABASE] if alone or self.is_sample else []
        update: dict[str, Any] = {"name": name, "uses": uses}
        if self.kind == "job":  # which runs once
            update |= {"min_replicas": 0, "max_replicas": 1}
        if self.is_sample:  # unless the stack file names other commands or writes null
            if self.kind == "web" and "health_command" not in self.model_fields_set:
                update["health_command"] = list(SAMPLE_HEALTH_COMMAND)
            if "init_command" not in self.model_fields_set and DATABASE in uses:
                update["init_command"] = list(SAMPLE_INIT_COMMAND)
        return self.model_copy(update=update)


def services_of(case: Case, *keys: str) -> Iterator[tuple[str, ServiceSettings]]:
    """Yield each service with its path in the stack file, but for those in which one of the keys is broken."""
    yield from case.items("service", "services", keys)


def misnamed(case: Case, path: str, service: ServiceSettings, problem: str, allowed: str, example: str) -> Problem:
    """Describe a problem with a service's name, which stands among its keys or is the key that it stands under."""
    if path == "service":
        return case.reading.problem("service.name", problem, allowed=allowed, example=example, given=service.name)
    return case.reading.problem("services", problem, allowed=allowed, example={example: {}})


def doors_of(case: Case, *keys: str) -> Iterator[tuple[str, ServiceSettings, str, Door]]:
    """Yield each port that requests reach: its path in the stack file, its service, and its name and keys."""
    for path, service in services_of(case, "kind", "ports", *keys):
        for name, door in service.doors.items():
            yield f"{path}.ports.{name}" if name else path, service, name, door


def users_of(case: Case, thing: str, *keys: str) -> Iterator[tuple[str, ServiceSettings]]:
    """Yield the services that use a thing, as ``services_of`` does."""
    for path, service in services_of(case, "uses", *keys):
        if thing in (service.uses or ()):
            yield path, service


def address_variable(service: str, port: str = "") -> str:
    """Return the environment variable that holds an internal service's address, e.g. ``BILLING_URL``.

    Args:
        service: its name.
        port: the name of one of its further ports: ``BILLING_ADMIN_URL``.
    """
    return "_".join(part.upper().replace("-", "_") for part in (service, port, "url") if part)
