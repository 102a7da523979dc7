"""Rules on task definitions as a whole, and on what starts tasks or declares them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from ..evaluate import each
from ..guises import declared, is_opaque
from ..kubernetes.opaque import REVIEWED, is_reviewed
from ..parts import Part, all_of, must_be, must_be_off, of_resource
from ..rule import Config, Finding, Level, Resource, Rule, Severity, controls
from ..sockets import NO_SOCKET, exposes_socket, exposing_options
from ..values import Field
from .definition import is_task_definition, of_tasks


def _is_host(mode: Field) -> bool:
    return (mode.text() or "").strip().lower() == "host"


_namespaces = all_of(
    must_be(_is_host, '"task", or leave it out', "pidMode"),
    must_be(_is_host, '"task" or "none", or leave it out', "ipcMode"),
    must_be(_is_host, '"awsvpc"', "networkMode"),
)

HOST_NAMESPACES = Rule(
    id="ecs-no-host-namespaces",
    description="A task definition does not use its host's process, IPC or network namespace.",
    remediation='Leave "pidMode" and "ipcMode" out and set "networkMode" to "awsvpc".',
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=controls(
        config="ecs-task-definition-pid-mode-check ecs-task-definition-network-mode-not-host", hub="ECS.3 ECS.17"
    ),
    applies=is_task_definition,
    check=of_tasks(of_resource(_namespaces)),
)


def _is_socket(path: Field) -> bool:
    return exposes_socket(path.text() or "a volume of its own")


_no_socket = all_of(
    # The AWS provider's place and AWS Cloud Control's.
    *(must_be(_is_socket, NO_SOCKET, *keys) for keys in (("hostPath",), ("host", "sourcePath"))),
    # A bind mount in the guise of a Docker volume.
    lambda volume: exposing_options(volume.at("dockerVolumeConfiguration", "driverOpts")),
)


def _volumes(resource: Resource, config: Config) -> Iterable[Finding]:
    return each(resource.inputs.at("volumes").items(), lambda volume: _no_socket(Part(volume)))


RUNTIME_SOCKET = Rule(
    id="ecs-no-runtime-socket",
    description="A task definition does not mount the container runtime's socket.",
    remediation="Remove the volume: whoever reaches the socket starts privileged containers on the host.",
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    frameworks=("Well-Architected: Security",),
    applies=is_task_definition,
    check=of_tasks(_volumes),
)

_KEY: Final = "enableExecuteCommand"
# What starts tasks, with the place of the option.
_STARTS: Final = {
    "aws:cloudwatch/eventTarget:EventTarget": ("ecsTarget", _KEY),
    "aws:ecs/daemon:Daemon": (_KEY,),
    "aws:ecs/service:Service": (_KEY,),
    "aws:pipes/pipe:Pipe": ("targetParameters", "ecsTaskParameters", _KEY),
    "aws:scheduler/schedule:Schedule": ("target", "ecsParameters", _KEY),
    "aws-native:ecs:Service": (_KEY,),
}


def _exec(resource: Resource, config: Config) -> Iterable[Finding]:
    return must_be_off(*_STARTS[resource.type])(Part(resource.inputs))


NO_EXEC = Rule(
    id="ecs-no-exec",
    # The agent and its shells are root's even where the task definition names another user (ECS Developer Guide,
    # "Monitor Amazon ECS containers with ECS Exec").
    description="No service or schedule lets ECS Exec open a shell, which is root's whatever the container's user is.",
    remediation='Leave "enableExecuteCommand" out; turn it on for one task while you debug it.',
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=("Well-Architected: Security",),
    applies=_STARTS.__contains__,
    check=_exec,
)


def _opaque(resource: Resource, config: Config) -> Iterator[Finding]:
    if not is_reviewed(resource, config):
        # What it declares is the other rules' business; that it can be read is this one's.
        yield from map(Finding.unreadable, declared(resource)[1])


OPAQUE = Rule(
    id="ecs-nothing-opaque",
    description="Every task and job definition in a CloudFormation template or of AWS Cloud Control can be read.",
    remediation="Write the template's text with plain values, or declare the definitions as resources of the program.",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=("Well-Architected: Security",),
    applies=is_opaque,
    check=_opaque,
    config=REVIEWED,
)
