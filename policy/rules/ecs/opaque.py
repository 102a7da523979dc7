"""No template keeps a task or job definition to itself."""

from collections.abc import Iterator

from ..guises import declared, is_opaque
from ..kubernetes.reviewed import REVIEWED, is_reviewed
from ..model import Config, Finding, Level, Resource, Rule, Severity


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    if not is_reviewed(resource, config):
        # What it declares is the other rules' business; that it can be read is this one's.
        yield from map(Finding.unreadable, declared(resource)[1])


RULE = Rule(
    id="ecs-nothing-opaque",
    description="Every task and job definition in a CloudFormation template or of AWS Cloud Control can be read.",
    remediation="Write the template's text with plain values, or declare the definitions as resources of the program.",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=("Well-Architected: Security",),
    applies=is_opaque,
    check=_check,
    config=REVIEWED,
)
