"""Nobody gets a shell in a running container through ECS Exec."""

from collections.abc import Iterator
from typing import Final

from ..model import Config, Finding, Level, Resource, Rule, Severity

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


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    option = resource.inputs.at(*_STARTS[resource.type])
    if option.boolean():
        yield Finding.at(option, "false, or leave it out")


RULE = Rule(
    id="ecs-no-exec",
    # The agent and its shells are root's even where the task definition names another user (ECS Developer Guide,
    # "Monitor Amazon ECS containers with ECS Exec").
    description="No service or schedule lets ECS Exec open a shell, which is root's whatever the container's user is.",
    remediation='Leave "enableExecuteCommand" out; turn it on for one task while you debug it.',
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=("Well-Architected: Security",),
    applies=_STARTS.__contains__,
    check=_check,
)
