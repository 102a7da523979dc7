"""Whoever mounts a file system is not root in it."""

from collections.abc import Iterator

from ..model import Config, Finding, Level, Resource, Rule, Severity


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    for key in ("uid", "gid"):
        number = resource.inputs.at("posixUser", key)
        if not number.number():
            yield Finding.at(number, "a number other than 0")


RULE = Rule(
    id="aws-efs-user",
    description="Every EFS access point makes its clients a user that is not root.",
    remediation='Set "posixUser" with a uid and a gid other than 0.',
    level=Level.ADVISORY,
    severity=Severity.HIGH,
    frameworks=(
        "AWS Config: efs-access-point-enforce-user-identity",
        "AWS Security Hub: EFS.4",
        "Well-Architected: Security",
    ),
    applies=frozenset({"aws:efs/accessPoint:AccessPoint"}).__contains__,
    check=_check,
)
