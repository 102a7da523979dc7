"""No Docker container gets a device of its host."""

from collections.abc import Iterator

from ..model import Config, Finding, Level, Resource, Rule, Severity
from .containers import is_container


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    for device in resource.inputs.at("devices").items():
        yield Finding.at(device, "no device of the host")


RULE = Rule(
    id="docker-no-host-devices",
    description="No Docker container gets a device of its host.",
    remediation='Leave "devices" out; a disk of the host is all that is on it. A GPU is asked for in "gpus".',
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=("CIS Docker: 5.18", "Well-Architected: Security"),
    applies=is_container,
    check=_check,
)
