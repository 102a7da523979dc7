"""No Helm release installs objects that no rule can see."""

from collections.abc import Iterator

from ..model import Config, Finding, Level, Resource, Rule, Severity
from .release import RELEASE, rendered
from .reviewed import REVIEWED, is_reviewed


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    if not is_reviewed(resource, config):
        # What it renders is the other rules' business; that it can be rendered is this one's.
        rendered(resource)
    return iter(())


RULE = Rule(
    id="kubernetes-nothing-opaque",
    description="Every object that a Helm release installs can be seen by the other rules.",
    remediation="Install a local chart with known values, or render it in the program and register each object.",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=("Well-Architected: Security",),
    applies=RELEASE.__eq__,
    check=_check,
    config=REVIEWED,
)
