"""A database refuses connections without TLS."""

import re
from collections.abc import Iterator
from typing import Final

from ..model import Config, Finding, Level, NotApplicable, Resource, Rule, Severity
from ..values import Field
from .shared import DB_CLUSTERS, DB_INSTANCES, given

_GROUPS: Final = frozenset(
    {"aws:rds/parameterGroup:ParameterGroup", "aws:rds/clusterParameterGroup:ClusterParameterGroup"}
)
_FAMILY: Final = re.compile(r"(?P<engine>[a-z-]*[a-z])-?(?P<version>[0-9.]*)")
_SWITCHES: Final = {
    "aurora-mysql": "require_secure_transport",
    "aurora-postgresql": "rds.force_ssl",
    "mariadb": "require_secure_transport",
    "mysql": "require_secure_transport",
    "postgres": "rds.force_ssl",
    "sqlserver": "rds.force_ssl",
}
# The first versions whose default is on.
_ON_SINCE: Final = {"postgres": (15,), "mariadb": (11, 8)}


def _on_by_default(engine: str, version: str) -> bool:
    since = _ON_SINCE.get(engine)
    numbers = tuple(int(one) for one in version.split(".") if one)
    return since is not None and numbers[: len(since)] >= since


def _group(inputs: Field) -> Iterator[Finding]:
    family = inputs.at("family")
    match = _FAMILY.match(family.text() or "")
    engine = _engine(match["engine"]) if match else ""
    if match is None or engine not in _SWITCHES:
        raise NotApplicable
    name, found = _SWITCHES[engine], None
    for parameter in inputs.at("parameters").items():
        if (parameter.at("name").text() or "").lower() == name:
            found = parameter.at("value")
    if found is None and not _on_by_default(engine, match["version"]):
        yield Finding(inputs.at("parameters").path, f"without {name}, which is off by default", f'{name} = "1"')
    elif found is not None and (found.text() or "").strip().lower() not in ("1", "on", "true"):
        yield Finding.at(found, f'"1" for {name}')


def _database(inputs: Field, group: str) -> Iterator[Finding]:
    # A group that is named is judged by itself, or belongs to another stack.
    if given(inputs.at(group)):
        return
    engine = _engine(inputs.at("engine").text() or "")
    if engine not in _SWITCHES:
        raise NotApplicable
    # Without a version AWS takes its current default, which is newer than any that leaves it off.
    version = inputs.at("engineVersion").text()
    if engine in _ON_SINCE and version is None:
        return
    if not _on_by_default(engine, re.sub(r"[^0-9.].*", "", version or "")):
        yield Finding.at(inputs.at(group), f"a parameter group with {_SWITCHES[engine]} on")


def _engine(name: str) -> str:
    return "sqlserver" if name.startswith("sqlserver") else name


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    if resource.type in _GROUPS:
        yield from _group(resource.inputs)
    else:
        group = "parameterGroupName" if resource.type in DB_INSTANCES else "dbClusterParameterGroupName"
        yield from _database(resource.inputs, group)


RULE = Rule(
    id="aws-rds-tls",
    description="Every RDS database refuses connections without TLS.",
    remediation='Set "rds.force_ssl" (PostgreSQL, SQL Server) or "require_secure_transport" to 1 in a parameter group.',
    # A client may still ask for TLS, and what passes in the clear stays inside the VPC.
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=(
        "AWS Config: rds-postgres-instance-encrypted-in-transit",
        "AWS Config: rds-mysql-instance-encrypted-in-transit",
        "AWS Config: rds-mariadb-instance-encrypted-in-transit",
        "AWS Config: rds-sqlserver-encrypted-in-transit",
        "AWS Security Hub: RDS.38",
        "AWS Security Hub: RDS.39",
        "AWS Security Hub: RDS.41",
        "AWS Security Hub: RDS.44",
        "Well-Architected: Security (SEC 9)",
    ),
    applies=(_GROUPS | DB_INSTANCES | DB_CLUSTERS).__contains__,
    check=_check,
)
