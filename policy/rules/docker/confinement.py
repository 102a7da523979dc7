"""No Docker container or service switches off the runtime's confinement."""

from collections.abc import Iterator

from ..model import Config, Finding, Level, Resource, Rule, Severity
from ..security_options import switches_off
from ..values import Field, texts
from .containers import is_container, is_container_or_service, spec


def _privileges(privileges: Field) -> Iterator[Finding]:
    label = privileges.at("seLinuxContext")
    if label.at("disable").boolean():
        yield Finding.at(label.at("disable"), "false, or leave it out")
    for key in ("type", "user", "role"):
        value = label.at(key).text()
        if value and switches_off(f"label:{key}:{value}"):
            yield Finding.at(label.at(key), "nothing")


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    if not is_container(resource.type):
        yield from _privileges(spec(resource).at("privileges"))
        return
    for field, option in texts(resource.inputs.at("securityOpts")):
        if switches_off(option):
            yield Finding.at(field, "no option that switches a protection off")


RULE = Rule(
    id="docker-confined",
    description="No Docker container or service switches seccomp, AppArmor or SELinux off.",
    remediation='Remove the option from "securityOpts" or "privileges"; the runtime\'s default profile then applies.',
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=("Well-Architected: Security",),
    applies=is_container_or_service,
    check=_check,
)
