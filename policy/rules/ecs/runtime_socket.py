"""No ECS task mounts the socket of its host's container runtime."""

from collections.abc import Iterator
from functools import partial

from ..evaluate import each
from ..model import Config, Finding, Level, Resource, Rule, Severity
from ..sockets import exposes_socket, exposing_options
from ..values import Field
from .definition import is_task_definition, of_tasks

# The AWS provider's place and AWS Cloud Control's.
_PLACES = (("hostPath",), ("host", "sourcePath"))


def _volume(volume: Field) -> Iterator[Finding]:
    yield from each(_PLACES, partial(_place, volume))
    # A bind mount in the guise of a Docker volume.
    yield from exposing_options(volume.at("dockerVolumeConfiguration", "driverOpts"))


def _place(volume: Field, keys: tuple[str, ...]) -> Iterator[Finding]:
    field = volume.at(*keys)
    path = field.text()
    if path and exposes_socket(path):
        yield Finding.at(field, "no path that holds the container runtime's socket")


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    yield from each(resource.inputs.at("volumes").items(), _volume)


RULE = Rule(
    id="ecs-no-runtime-socket",
    description="A task definition does not mount the container runtime's socket.",
    remediation="Remove the volume: whoever reaches the socket starts privileged containers on the host.",
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    frameworks=("Well-Architected: Security",),
    applies=is_task_definition,
    check=of_tasks(_check),
)
