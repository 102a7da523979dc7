"""No Docker container is privileged."""

from collections.abc import Iterator

from ..model import Config, Finding, Level, Resource, Rule, Severity
from .containers import is_container


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    privileged = resource.inputs.at("privileged")
    if privileged.boolean():
        yield Finding.at(privileged, "false, or leave it out")


RULE = Rule(
    id="docker-not-privileged",
    description="No Docker container is privileged.",
    remediation='Leave "privileged" out; a privileged container is root on its host.',
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    frameworks=("Well-Architected: Security",),
    applies=is_container,
    check=_check,
)
