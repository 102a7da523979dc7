"""What a stack runs, in words that do not depend on its backend. Plain data; nothing here starts anything."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from berth.plan import UNKNOWN, Plan, Resource, Secret
from berth.rehearse.errors import RehearsalError


class Promise(StrEnum):
    """What ``ContainerSecurity`` promises of every container, one check each."""

    USER = "user"
    CAPABILITIES = "no capabilities"
    NO_NEW_PRIVILEGES = "no new privileges"
    READ_ONLY_ROOT = "read-only root"
    WRITABLE_PATHS = "writable paths"
    SECCOMP = "seccomp"


@dataclass(frozen=True)
class Declaration:
    """Where and how a container declares one promise."""

    text: str
    """The place and its value, as a message names it: ``containerDefinitions[biometric].user is "0"``."""
    kept: bool
    """Whether what is declared is what is promised."""
    possible: bool = True
    """False where the backend has no way to declare it; then nothing is expected of the process either."""


@dataclass(frozen=True)
class Probe:
    """How an orchestrator asks whether a container is well."""

    name: str
    """What a summary calls it, e.g. ``readinessProbe``."""
    kind: Literal["http", "exec", "tcp"]
    path: str = "/"
    port: int = 0
    command: tuple[str, ...] = ()
    """Run inside the container, as its own user."""
    timeout: float = 5.0
    patience: float = 60.0
    """Seconds after which the orchestrator gives the container up: start period and all retries."""
    statuses: frozenset[int] = frozenset({200})


@dataclass(frozen=True)
class Container:
    """One container of the workload."""

    name: str
    place: str
    """Where the Plan declares it, e.g. ``containerDefinitions[biometric]``."""
    image: str
    init: bool = False
    """It must end with success before the workload's own container starts."""
    sidecar: bool = False
    """It stays beside the workload's own container."""
    essential: bool = True
    """All of the workload ends when it does."""
    declared: Mapping[Promise, Declaration] = field(default_factory=dict)
    probes: tuple[Probe, ...] = ()
    ports: tuple[int, ...] = ()
    stop_seconds: int = 30
    """Time between SIGTERM and SIGKILL."""
    handed_on: tuple[str, ...] = ()
    """Paths that it may write in place of those promised: it fills them for others, and ends before they start."""


@dataclass(frozen=True)
class ImageBuild:
    """How the Plan builds an image."""

    name: str
    """Full reference; its tag is the hash of the build context."""
    context: str
    dockerfile: str | None = None
    args: Mapping[str, str] = field(default_factory=dict)
    target: str | None = None
    platform: str | None = None
    starts_from: ImageBuild | None = None
    """Of the Plan's image that it starts from, which is built first."""

    @property
    def own(self) -> ImageBuild:
        """The build of the service's own image, whatever was put into it later."""
        return self.starts_from.own if self.starts_from else self


@dataclass(frozen=True)
class LoadBalancer:
    """How the edge asks a target whether it is healthy."""

    path: str
    statuses: frozenset[int]
    port: int | None = None
    """Of the container; None where the target group does not say."""
    # Where a target group is silent, what the API does (CreateTargetGroup, target group attributes).
    interval: float = 30.0
    """Seconds between two questions."""
    timeout: float = 5.0
    """Seconds that an answer may take."""
    failures: int = 2
    """Questions in a row that have to fail until a target is unhealthy."""
    drain_seconds: float = 300.0
    """How long a target that leaves keeps the requests that it is about."""

    @property
    def notices_within(self) -> float:
        """Seconds until a target that has died is known to be unhealthy, at most."""
        return self.interval * self.failures + self.timeout


def plain(value: Any, where: str) -> Any:
    """Return a planned value without its wrappers: secrets opened, whole floats as ints.

    Args:
        value: A value of the Plan.
        where: Its place, for the message.

    Raises:
        RehearsalError: A part is only known after creation.
    """
    if value is UNKNOWN:
        raise RehearsalError(
            f"{where} is only known after creation, so it cannot be rehearsed\n"
            "  names and image references must be computed, and run-time values bound by reference"
        )
    if isinstance(value, Secret):
        return plain(value.value, where)
    if isinstance(value, Mapping):
        return {key: plain(part, f"{where}.{key}") for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part, f"{where}[{index}]") for index, part in enumerate(value)]
    if isinstance(value, float) and value.is_integer():
        # The engine's protocol knows one kind of number, and podman refuses "8080.0" as a port.
        return int(value)
    return value


def known(value: Any) -> Any:
    """Return a planned value without its wrapper, or ``UNKNOWN``; for values that may be missing."""
    while isinstance(value, Secret):
        value = value.value
    return value


def find_builds(plan: Plan, images: Collection[str]) -> dict[str, ImageBuild]:
    """Return how the Plan builds the images that are run, by their names; prebuilt ones are not among them.

    Args:
        plan: The stack's Plan.
        images: References that the workloads' containers name.

    Raises:
        RehearsalError: An image's build is not known at preview.
    """
    built = plan.of_type("docker:index/image:Image")
    resources = {plain(one.inputs.get("imageName"), f"{one.name}.imageName"): one for one in built}

    def build_of(name: str) -> ImageBuild:
        resource = resources[name]
        build = plain(resource.inputs.get("build") or {}, f"{resource.name}.build")
        if "context" not in build:
            raise RehearsalError(f"{resource.name}.build.context is missing: there is nothing to build {name} from")
        args = {key: str(value) for key, value in (build.get("args") or {}).items()}
        base = next((value for value in args.values() if value in resources and value != name), None)
        return ImageBuild(
            name=name,
            context=build["context"],
            dockerfile=build.get("dockerfile"),
            args=args,
            target=build.get("target"),
            platform=build.get("platform"),
            starts_from=build_of(base) if base else None,
        )

    return {name: build_of(name) for name in resources if name in images}


def find_load_balancers(resources: Iterable[Resource]) -> list[LoadBalancer]:
    """Return the health checks of target groups that have one over HTTP."""
    found = []
    for resource in resources:
        if resource.type != "aws:lb/targetGroup:TargetGroup":
            continue
        check, port = (known(resource.inputs.get(key)) for key in ("healthCheck", "port"))
        if isinstance(check, Mapping) and isinstance(check.get("path"), str):
            number = int(port) if isinstance(port, int | float) else None
            found.append(
                LoadBalancer(
                    check["path"],
                    parse_matcher(check.get("matcher")),
                    number,
                    _number(check.get("interval"), LoadBalancer.interval),
                    _number(check.get("timeout"), LoadBalancer.timeout),
                    int(_number(check.get("unhealthyThreshold"), LoadBalancer.failures)),
                    _number(resource.inputs.get("deregistrationDelay"), LoadBalancer.drain_seconds),
                )
            )
    return found


def _number(value: Any, otherwise: float) -> float:
    return float(found) if isinstance(found := known(value), int | float) else otherwise


def parse_matcher(matcher: Any) -> frozenset[int]:
    """Read a target group's matcher, ``"200"``, ``"200,204"`` or ``"200-299"``; ``"200"`` if there is none."""
    statuses: set[int] = set()
    for part in str(matcher if isinstance(matcher, str) and matcher else "200").split(","):
        first, _, last = part.strip().partition("-")
        statuses.update(range(int(first), int(last or first) + 1))
    return frozenset(statuses)


def show(value: Any) -> str:
    """Write a declared value as it stands in JSON, or ``absent``."""
    return "absent" if value is None else json.dumps(value)
