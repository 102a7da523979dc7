"""What does not go together in a service's config, and what must be there on the machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from components.config.checks import Case, check, does_nothing, ordered
from components.config.errors import ABSENT, Problem
from components.service import variables
from components.service.settings import ServiceSettings, doors_of, services_of
from components.service.sources import file_problems, source_problems

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


# --- kinds ---

_OF_WEB: Final = ("port", "ports", "healthPath", "readyPath", "requestsTarget", "exposure", "path", "host", "stripPath")
_OF_JOB: Final = ("schedule", "timezone", "timeoutSeconds", "retries")
_OF_THOSE_THAT_STAY: Final = (
    *("minReplicas", "maxReplicas", "cpuTargetPercent", "memoryTargetPercent", "schedules", "healthCommand"),
)


@check(service=("kind",))
def keys_go_with_the_kind(case: Case) -> Iterator[Problem]:
    """Only a web service has ports and paths, only a job a schedule of its own, and a job has no replicas."""
    for path, service in services_of(case, "kind"):
        keys = {"web": _OF_JOB, "worker": (*_OF_WEB, *_OF_JOB), "job": (*_OF_WEB, *_OF_THOSE_THAT_STAY)}[service.kind]
        why = {"web": "runs all the time", "worker": "answers no requests", "job": "runs to its end"}[service.kind]
        yield from does_nothing(case, path, keys, f"{path}.kind: {service.kind}", f"it {why}")


@check(service=("kind", "minReplicas", "maxReplicas", "schedules"))
def nothing_runs_for_a_while_only(case: Case) -> Iterator[Problem]:
    """A web service always runs; a worker with no replica has a schedule that brings some."""
    for path, service in services_of(case, "kind", "minReplicas", "maxReplicas", "schedules"):
        least = min(service.min_replicas, *(one.min_replicas for one in service.schedules), service.max_replicas)
        if service.kind == "web" and least == 0:
            key = "minReplicas" if service.min_replicas == 0 else "schedules"
            yield case.reading.problem(
                f"{path}.{key}",
                "A web service with no replica would answer no request.",
                allowed="1 or more; 0 is for kind: worker",
                example=1 if key == "minReplicas" else None,
            )
        brought = any(one.min_replicas for one in service.schedules)
        if service.kind == "worker" and service.min_replicas == 0 and not brought:
            yield case.reading.problem(
                f"{path}.minReplicas",
                "No replica runs, and nothing would ever start one.",
                given=0,
                allowed=f"1 or more; or {path}.schedules bring some",
                example=1,
            )
        for one in service.schedules:
            if one.min_replicas > one.max_replicas:
                yield case.reading.problem(
                    f"{path}.schedules",
                    f"{one.cron}: minReplicas is {one.min_replicas}, and maxReplicas {one.max_replicas}.",
                    allowed="minReplicas at most maxReplicas",
                )


# --- ways ---


@check(service=("kind", "ports", "path", "stripPath"))
def there_is_a_path_to_strip(case: Case) -> Iterator[Problem]:
    """Only a path that leads to a service can be taken off what it is sent."""
    for path, _, _, door in doors_of(case, "path", "stripPath"):
        if door.strip_path and door.path is None:
            yield case.reading.problem(
                f"{path}.stripPath",
                f"There is no {path}.path that could be taken off.",
                allowed=f"{path}.path beside it; or leave it out",
                example=ABSENT,
            )


# --- containers ---


@check(service=("kind", "port", "ports", "sidecars"))
def ports_and_sidecars_do_not_meet(case: Case) -> Iterator[Problem]:
    """All containers of a service share one network: no two have one port, or one name."""
    for path, service in services_of(case, "kind", "port", "ports", "sidecars"):
        seen: dict[int, str] = {}
        for name, door in service.doors.items():
            yield from _taken(case, f"{path}.ports.{name}.port" if name else f"{path}.port", door.port, seen)
        for name, sidecar in service.sidecars.items():
            if sidecar.port is not None:
                yield from _taken(case, f"{path}.sidecars.{name}.port", sidecar.port, seen)
            if name in (service.name, f"{service.name}-init", f"{service.name}-files"):
                yield case.reading.problem(
                    f"{path}.sidecars", f"The service's own container has the name {name}.", allowed="another name"
                )


def _taken(case: Case, key: str, port: int, seen: dict[int, str]) -> Iterator[Problem]:
    if port in seen:
        yield case.reading.problem(key, f"{seen[port]} is {port} as well.", given=port, allowed="another port")
    seen.setdefault(port, key)


@check(service=("cpu", "memory", "sidecars"))
def sidecars_leave_room(case: Case) -> Iterator[Problem]:
    """Sidecars have their CPU and memory of the service's."""
    for path, service in services_of(case, "cpu", "memory", "sidecars"):
        for key, whole, parts in (
            ("cpu", service.cpu, [one.cpu for one in service.sidecars.values()]),
            ("memory", service.memory, [one.memory for one in service.sidecars.values()]),
        ):
            if sum(parts) >= whole:
                yield case.reading.problem(
                    f"{path}.{key}",
                    f"The sidecars take {sum(parts)} of {whole}, and nothing is left for the service itself.",
                    given=whole,
                    allowed=f"more than {sum(parts)}",
                    example=2 * sum(parts),
                )


@check(service=("environment", "secrets", "files", "sidecars"))
def values_lie_in_one_place(case: Case) -> Iterator[Problem]:
    """A secret or a file comes from one place, and a variable has one value."""
    for path, service in services_of(case, "environment", "secrets", "files", "sidecars"):
        holders = {path: (service.environment, service.secrets)}
        for name, sidecar in service.sidecars.items():
            holders[f"{path}.sidecars.{name}"] = (sidecar.environment, sidecar.secrets)
        for place, (environment, secrets) in holders.items():
            found = [f"{name}: {text}" for name, one in secrets.items() for text in source_problems(one)]
            found += [f"{name} stands in environment as well." for name in secrets if name in environment]
            found += [f"{name} is the program's own." for name in secrets if variables.is_taken(name)]
            if found:
                yield case.reading.problem(f"{place}.secrets", "\n".join(found))
        found = [f"{one.path}: {text}" for one in service.files for text in source_problems(one)]
        found += file_problems(service.files)
        found += [
            f"{one.path}: {text}" for one in service.files if one.source for text in _text_problems(case, one.source)
        ]
        if found:
            yield case.reading.problem(f"{path}.files", "\n".join(found))


def _text_problems(case: Case, name: str) -> Iterator[str]:
    try:
        (case.root / name).read_text(encoding="utf-8")
    except OSError:
        yield f"There is no file {name} beside Pulumi.yaml."
    except UnicodeDecodeError:
        yield f"{name} is no text in UTF-8; put it into the image."


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
