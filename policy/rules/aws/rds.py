"""Rules on databases."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from ..parts import Part, PartCheck, must_be_off, must_be_on, of_resource
from ..rule import Check, Config, Finding, Level, NotApplicable, Resource, Rule, Severity, controls
from ..values import Field
from .shared import given

INSTANCES: Final = frozenset({"aws:rds/instance:Instance"})
CLUSTERS: Final = frozenset({"aws:rds/cluster:Cluster"})


ENCRYPTED = Rule(
    id="aws-rds-encrypted",
    description="Every RDS instance and cluster encrypts its storage.",
    remediation='Set "storageEncrypted" to true; changed later, it replaces the database.',
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=controls(
        config="rds-storage-encrypted rds-cluster-encrypted-at-rest", hub="RDS.3 RDS.27", cis="2.2.1", well="SEC8"
    ),
    applies=(INSTANCES | CLUSTERS).__contains__,
    check=of_resource(must_be_on("storageEncrypted")),
)

NOT_PUBLIC = Rule(
    id="aws-rds-not-public",
    description="No RDS instance has a public address.",
    remediation='Set "publiclyAccessible" to false, or leave it out, and reach the database from inside the VPC.',
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    frameworks=controls(config="rds-instance-public-access-check", hub="RDS.2", cis="2.2.3", well="SEC5"),
    applies=(INSTANCES | {"aws:rds/clusterInstance:ClusterInstance"}).__contains__,
    check=of_resource(must_be_off("publiclyAccessible", write="false")),
)


_PRODUCTION: Final[dict[str, dict[str, Any]]] = {
    "production": {
        "type": "boolean",
        "description": "Whether the stack is a production stack; in others the rule has nothing to say.",
        "default": False,
    }
}


def _in_production(check: PartCheck) -> Check:
    def run(resource: Resource, config: Config) -> Iterable[Finding]:
        if not config.get("production", False):
            raise NotApplicable
        return check(Part(resource.inputs))

    return run


DELETION_PROTECTION = Rule(
    id="aws-rds-deletion-protection",
    description="Every RDS instance and cluster of a production stack is protected from deletion.",
    remediation='Set "deletionProtection" to true.',
    # It costs nothing, and without it one wrong `destroy` or replacement is the end of the data.
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=controls(
        config="rds-instance-deletion-protection-enabled rds-cluster-deletion-protection-enabled",
        hub="RDS.7 RDS.8",
        well="REL9",
    ),
    applies=(INSTANCES | CLUSTERS).__contains__,
    check=_in_production(must_be_on("deletionProtection")),
    config=_PRODUCTION,
)

MULTI_AZ = Rule(
    id="aws-rds-multi-az",
    description="Every RDS instance of a production stack has a standby in another zone.",
    remediation='Set "multiAz" to true.',
    # It costs a second instance, and how long the service may be away is its owner's to say.
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=controls(config="rds-multi-az-support", hub="RDS.5", cis="2.2.4", well="REL10"),
    # A cluster's zones are those of its instances, which do not show on it.
    applies=INSTANCES.__contains__,
    check=_in_production(must_be_on("multiAz")),
    config=_PRODUCTION,
)

_WEEK: Final = 7


def _backups(resource: Resource, config: Config) -> Iterator[Finding]:
    days = resource.inputs.at("backupRetentionPeriod")
    least = config.get("minimumDays", _WEEK)
    # Left out, it is no backup for an instance and one day for a cluster.
    if (days.number() or 0) >= least:
        return
    if given(resource.inputs.at("replicateSourceDb")):
        raise NotApplicable  # a replica is had back from its source
    yield Finding.at(days, f"{least:g} or more")


BACKUPS = Rule(
    id="aws-rds-backups",
    description="Every RDS database keeps automatic backups for a week at least.",
    remediation='Set "backupRetentionPeriod" to 7 or more.',
    # What it guards against is loss, not intrusion, and a scratch database may be lost.
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=controls(config="db-instance-backup-enabled", hub="RDS.11", well="REL9"),
    applies=(INSTANCES | CLUSTERS).__contains__,
    check=_backups,
    config={
        "minimumDays": {
            "type": "integer",
            "minimum": 1,
            "description": "Days that automatic backups are kept at least.",
            "default": _WEEK,
        }
    },
)

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


def _tls(resource: Resource, config: Config) -> Iterator[Finding]:
    if resource.type in _GROUPS:
        yield from _group(resource.inputs)
    else:
        group = "parameterGroupName" if resource.type in INSTANCES else "dbClusterParameterGroupName"
        yield from _database(resource.inputs, group)


TLS = Rule(
    id="aws-rds-tls",
    description="Every RDS database refuses connections without TLS.",
    remediation='Set "rds.force_ssl" (PostgreSQL, SQL Server) or "require_secure_transport" to 1 in a parameter group.',
    # A client may still ask for TLS, and what passes in the clear stays inside the VPC.
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=controls(
        config="rds-postgres-instance-encrypted-in-transit rds-mysql-instance-encrypted-in-transit "
        "rds-mariadb-instance-encrypted-in-transit rds-sqlserver-encrypted-in-transit",
        hub="RDS.38 RDS.39 RDS.41 RDS.44",
        well="SEC9",
    ),
    applies=(_GROUPS | INSTANCES | CLUSTERS).__contains__,
    check=_tls,
)
