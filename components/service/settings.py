"""``berth:service`` and ``berth:services``: what runs, each service by a name of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from components.config.checks import Case, check, does_nothing, ordered
from components.config.errors import ABSENT, Problem
from components.config.keys import Int, Key, Model, Rule, between, each, log_retention, matching, relative_path
from components.service import variables

SAMPLE_CONTEXT: Final = "services/biometric"
"""Build context of the sample service, whose commands are known."""
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

http_path: Final = matching(
    r"/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*",
    "a URL path that begins with /, without a query, at most 1024 characters",
    "is no URL path; it begins with / and has no spaces and no query",
    longest=1024,
)

port_number: Final = between(1024, 65535, "(a process that is not root can bind none below 1024)")


def _command_problems(words: Sequence[str]) -> Iterator[str]:
    if not words:
        yield "The list is empty; leave the key out, or write null for no command."
    elif words[0] in {"CMD", "CMD-SHELL"}:
        yield f"{words[0]} is ECS's notation; give the program and its arguments only."
    if any(not word.strip() for word in words):
        yield "A word of the command is empty."


command: Final = Rule(
    "a list: the program and its arguments, as exec takes them; no shell splits them", _command_problems
)


def _image_problems(value: str) -> Iterator[str]:
    match = re.fullmatch(r"[a-z0-9][a-z0-9._:/-]*?(?:(?<!/):(\w[\w.-]{0,127}))?(@sha256:[0-9a-f]{64})?", value)
    if not match:
        yield f'"{value}" is no image reference.'
    elif not match[2] and match[1] in {None, "latest"}:
        yield "Without a tag of its own, or a digest, the same reference is another image tomorrow."


image_reference: Final = Rule("an image reference with a tag other than latest, or with a digest", _image_problems)


def _grant_problems(actions: Sequence[str]) -> Iterator[str]:
    if not actions:
        yield "None given, at least 1 needed."
    for action in actions:
        if not re.fullmatch(r"[a-z0-9-]+:[A-Za-z0-9]+", action):
            yield f'"{action}" is no action of IAM by its whole name.'


grant_actions: Final = Rule(
    "a list of IAM actions, service:Action, each by its whole name, without a wildcard", _grant_problems
)
grant_resources: Final = each(
    matching(
        r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:\d*:[^\s*]+\*?",
        "the ARN of a resource; * may stand at its end only, for what lies in it, e.g. arn:aws:s3:::shop-media/*",
        "is no such ARN",
    ),
    fewest=1,
)
path_prefix: Final = matching(
    r"(/[A-Za-z0-9_.~@:+$-]+){1,8}",
    "a URL path of 1 to 8 parts, without a slash at its end and without wildcards, at most 126 characters",
    "is no such path",
    longest=126,  # a listener rule's pattern has 128 characters, two of them for what lies below the path
)
host_name: Final = matching(
    r"(?=.{1,128}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}",
    "a host name in lower case, without a wildcard",
    "is no host name in lower case, or has a wildcard",
)
use: Final = each(matching(r"[a-z][a-z0-9-]*", "database, or the name of an internal service", "is no name of either"))


class GrantSettings(Model):
    """One of ``berth:service.grants``."""

    actions: Annotated[list[str], Key("Actions of IAM.", grant_actions, ["s3:GetObject", "s3:PutObject"])]
    resources: Annotated[
        list[str], Key("ARNs that they are granted on.", grant_resources, ["arn:aws:s3:::shop-media/*"])
    ]


class ServiceSettings(Model):
    """``berth:service``: what runs."""

    name: Annotated[
        str, Key("Name of the service, first part of the names of what it is made of.", service_name, "biometric")
    ] = "biometric"
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
    port: Annotated[Int, Key("TCP port the service listens on.", port_number, 8080)] = 8080
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
    min_replicas: Annotated[Int, Key("Replicas that always run.", between(1, 5000), 2)] = 2
    max_replicas: Annotated[
        Int, Key("Replicas that autoscaling stops at; not below minReplicas.", between(1, 5000), 10)
    ] = 4
    environment: Annotated[
        dict[str, str], Key("Plain environment variables.", variables.environment, {"LOG_LEVEL": "info"})
    ] = Field(default_factory=dict)
    health_command: Annotated[
        list[str] | None,
        Key(
            "Command run inside the container that ends with 0 while it is healthy. ECS only; pods are asked by HTTP.",
            command,
            ["python", "-m", "biometric.health"],
            default="the sample's own if the sample is built, else none",
        ),
    ] = None
    init_command: Annotated[
        list[str] | None,
        Key(
            "Command that must succeed, in the same image, before the service starts: migrations.",
            command,
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
    requests_target: Annotated[
        Int, Key("Requests per target and minute that autoscaling aims at. ECS only.", between(1, None), 1000)
    ] = 1000
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
            "Beginning of the paths that lead to it; the service is sent the whole path. Without path and host it gets "
            "what no other service does.",
            path_prefix,
            "/shop",
            default="all",
        ),
    ] = None
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
        if self.is_sample:  # unless the stack file names other commands or writes null
            if "health_command" not in self.model_fields_set:
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


def users_of(case: Case, thing: str, *keys: str) -> Iterator[tuple[str, ServiceSettings]]:
    """Yield the services that use a thing, as ``services_of`` does."""
    for path, service in services_of(case, "uses", *keys):
        if thing in (service.uses or ()):
            yield path, service


# --- names ---


@check("service", "services")
def one_way_to_name_them(case: Case) -> Iterator[Problem]:
    """One service is ``service``, several are ``services``; there a service's name is its key."""
    given = case.reading.given
    if given.get("service") and given.get("services"):
        yield case.reading.problem(
            "service",
            "berth:services stands beside it, and holds all services.",
            allowed="a place in berth:services, under the service's name",
            example=ABSENT,
        )
    several = given.get("services")
    for name, service in several.items() if isinstance(several, Mapping) else ():
        if isinstance(service, Mapping) and "name" in service:
            yield case.reading.problem(
                f"services.{name}.name",
                f"Its name is the key it stands under, {name}.",
                allowed="nothing",
                example=ABSENT,
            )


# --- sizes ---


@check(service=("minReplicas", "maxReplicas"))
def replicas_ordered(case: Case) -> Iterator[Problem]:
    """The minimum is not above the maximum."""
    for path, service in services_of(case, "minReplicas", "maxReplicas"):
        low, high = (f"{path}.minReplicas", service.min_replicas), (f"{path}.maxReplicas", service.max_replicas)
        yield from ordered(case, low, high)


# --- image ---


@check(service=("image",))
def image_built_or_given(case: Case) -> Iterator[Problem]:
    """A prebuilt image is not built."""
    for path, service in services_of(case, "image"):
        if service.image is not None:
            keys = ("context", "dockerfile", "buildArgs")
            yield from does_nothing(case, path, keys, f"{path}.image", "nothing is built")


@check(service=("image", "context", "dockerfile"))
def dockerfile_is_there(case: Case) -> Iterator[Problem]:
    """What the image is built from must be there, and inside the project, before anything is created."""
    for path, service in services_of(case, "image", "context", "dockerfile"):
        if service.image is None:
            yield from _dockerfile(case, path, service)


def _dockerfile(case: Case, path: str, service: ServiceSettings) -> Iterator[Problem]:
    context = case.root / service.context
    if not context.is_dir():
        yield case.reading.problem(
            f"{path}.context",
            f"There is no folder {service.context} beside Pulumi.yaml.",
            given=service.context,
            allowed=f"a folder of the project; or {path}.image names a prebuilt image",
        )
        return
    for key, value, place in (
        (f"{path}.context", service.context, context),
        (f"{path}.dockerfile", service.dockerfile, context / service.dockerfile),
    ):
        if not place.resolve().is_relative_to(case.root.resolve()):
            yield case.reading.problem(key, f"{value} leads out of the project by a link.", given=value)
            return
    if not (context / service.dockerfile).is_file():
        files = [*context.glob("*ockerfile*"), *context.glob("*/*ockerfile*")]
        found = sorted(str(file.relative_to(context)) for file in files)
        hint = f"found there: {', '.join(found[:5])}" if found else "there is none in that folder"
        yield case.reading.problem(
            f"{path}.dockerfile",
            f"There is no file {service.dockerfile} in {service.context}.",
            given=service.dockerfile,
            allowed=f"a Dockerfile, relative to {path}.context ({hint})",
            example=found[0] if found else "Dockerfile",
        )


def address_variable(service: str) -> str:
    """Return the environment variable that holds an internal service's address, e.g. ``BILLING_URL``."""
    return f"{service.upper().replace('-', '_')}_URL"
