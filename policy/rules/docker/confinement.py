"""No Docker container switches off the runtime's confinement."""

from collections.abc import Iterator

from ..model import Config, Finding, Level, Resource, Rule, Severity
from ..security_options import switches_off
from ..values import texts
from .containers import is_container


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    for field, option in texts(resource.inputs.at("securityOpts")):
        if switches_off(option):
            yield Finding.at(field, "no option that switches a protection off")


RULE = Rule(
    id="docker-confined",
    description="No Docker container switches seccomp, AppArmor or SELinux off.",
    remediation='Remove the option from "securityOpts"; the runtime\'s default profile then applies.',
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=("Well-Architected: Security",),
    applies=is_container,
    check=_check,
)
