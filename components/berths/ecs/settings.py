"""What both ECS berths are told, and what ECS cannot do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, Final

from components.berths.contract import Limit
from components.config.checks import Case, check
from components.config.errors import ABSENT, Problem
from components.config.keys import Key, Model
from components.service.settings import ServiceSettings, services_of
from components.service.sources import SourceSettings, looks_whole, project_bytes


class EcsSettings(Model):
    """Keys of both ECS berths."""

    exec: Annotated[bool, Key("Whether `aws ecs execute-command` opens a shell in a task.", example=True)] = False


LIMITS: Final = (
    Limit("Seccomp profiles of one's own", "the runtime's default profile applies"),
    Limit("Mounting a file", "a small container writes it into a volume before the service starts"),
    Limit("Network policies between tasks", "security groups, one for each service"),
)

MOST_CONTAINERS: Final = 10
"""Of a task definition (Amazon ECS developer guide, "Amazon ECS service quotas", as are the next two)."""
MOST_TARGET_GROUPS: Final = 5
"""Of a service."""
DEFINITION_BYTES: Final = 64 * 1024
"""Of a task definition."""
FILES_BYTES: Final = DEFINITION_BYTES // 2
"""Of a service's files in it: base64 makes three bytes four, which leaves a third to everything else."""


def _on_ecs(case: Case, *keys: str) -> Iterator[tuple[str, ServiceSettings]]:
    """Yield the services of a stack that uses one of the two berths."""
    if any(name.startswith("ecs-") for name in case.berths):
        yield from services_of(case, *keys)


@check(service=("sidecars", "initCommand", "files"))
def a_task_holds_the_containers(case: Case) -> Iterator[Problem]:
    """On ECS: a task has 10 containers at most: the service's own, its init command's, its files', and its sidecars."""
    for path, service in _on_ecs(case, "sidecars", "initCommand", "files"):
        room = MOST_CONTAINERS - 2 - (service.init_command is not None)  # its own, and what prepares the volumes
        if len(service.sidecars) > room:
            yield case.reading.problem(
                f"{path}.sidecars",
                f"{len(service.sidecars)} sidecars are too many for a task on ECS.",
                allowed=f"{room} at most, as a task has {MOST_CONTAINERS} containers and the service needs the others",
            )


@check(service=("files",))
def a_definition_holds_the_files(case: Case) -> Iterator[Problem]:
    """On ECS: a project's files are in the task definition, which is 64 KiB at most; secret files are not."""
    for path, service in _on_ecs(case, "files"):
        size = project_bytes(case.root, service.files)
        if size > FILES_BYTES:
            yield case.reading.problem(
                f"{path}.files",
                f"Together they have {size} bytes, and on ECS they stand in the task definition, which has "
                f"{DEFINITION_BYTES} at most.",
                allowed=f"{FILES_BYTES} bytes at most; larger ones belong into the image or a bucket",
                example=ABSENT,
            )


@check(service=("secrets", "files", "sidecars"))
def a_secret_is_told_from_its_arn(case: Case) -> Iterator[Problem]:
    """On ECS: a secret whose name ends as an ARN does, in a hyphen and six letters or digits, is named by its ARN."""
    for path, service in _on_ecs(case, "secrets", "files", "sidecars"):
        places: dict[str, Iterable[SourceSettings]] = {
            f"{path}.secrets": service.secrets.values(),
            f"{path}.files": service.files,
            **{f"{path}.sidecars.{name}.secrets": one.secrets.values() for name, one in service.sidecars.items()},
        }
        for place, sources in places.items():
            for name in sorted({one.secret for one in sources if one.secret and not one.secret.startswith("arn:")}):
                if looks_whole(name):
                    yield case.reading.problem(
                        place,
                        f"The name {name} ends as the ARN of a secret does, and ECS would look for one that is called "
                        f"{name[:-7]}.",
                        allowed="the ARN of this secret instead of its name: `aws secretsmanager describe-secret "
                        f"--secret-id {name} --query ARN` tells it",
                        example=ABSENT,
                    )


@check(service=("kind", "ports"))
def a_service_fills_the_target_groups(case: Case) -> Iterator[Problem]:
    """On ECS: a service fills 5 target groups at most, one for each port."""
    for path, service in _on_ecs(case, "kind", "ports"):
        if len(service.doors) > MOST_TARGET_GROUPS:
            yield case.reading.problem(
                f"{path}.ports",
                f"With its own port it has {len(service.doors)}, and an ECS service fills {MOST_TARGET_GROUPS} target "
                "groups at most.",
                allowed=f"{MOST_TARGET_GROUPS - 1} further ports",
            )
