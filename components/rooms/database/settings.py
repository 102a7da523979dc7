"""``berth:database``: the database that services share which use it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Final

from components.config.checks import Case, check, ordered, stands_by_name
from components.config.errors import ABSENT, Problem
from components.config.keys import Int, Key, Rule, absolute_path, between, matching, version
from components.rooms.room import Room, RoomSettings
from components.service.settings import SAMPLE_INIT_COMMAND, ServiceSettings, users_of

SAMPLE_APPLICATION_USER: Final = "biometric_app"
SAMPLE_ROOT_CERTIFICATES: Final = "/app/rds.pem"
SAMPLE_UNVERIFIED: Final = (
    *("ap-east-2", "ap-southeast-6", "me-west-1", "sa-west-1"),
    *("cn-", "eu-iso", "eusc-", "us-gov-", "us-iso"),
)
"""Beginnings of the regions whose authority of RDS is not in that file."""
WEAKNESSES: Final = {
    "master-user": "the service connects as the database's master user (no berth:database.applicationUser)",
    "unverified-database": "the service encrypts its connection, and does not verify the database's certificate "
    "(no berth:database.rootCertificates)",
}
"""What production refuses unless it is accepted by name, and what it means."""

_RESERVED_WORDS = """
    admin all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate
    collation column concurrently constraint create cross current_catalog current_date current_role current_schema
    current_time current_timestamp current_user default deferrable desc distinct do else end except false fetch for
    foreign freeze from full grant group having ilike in initially inner intersect into is isnull join lateral
    leading left like limit localtime localtimestamp natural not notnull null offset on only or order outer overlaps
    placing primary public rdsadmin references returning right select session_user similar some symmetric
    system_user table tablesample template0 template1 then to trailing true union unique user using variadic verbose
    when where window with
"""
DATABASE_RESERVED: Final = frozenset(_RESERVED_WORDS.split())
"""PostgreSQL's reserved key words (its manual, appendix "SQL Key Words"), and what RDS keeps:
``CreateDBInstance`` refuses ``admin`` and ``rdsadmin``; ``template0`` and ``template1`` exist."""


def _database_identifier(what: str, longest: int) -> Rule:
    shape = matching(
        r"[A-Za-z][A-Za-z0-9_]*",
        f"1 to {longest} letters, digits and underscores, first a letter; no reserved word of PostgreSQL or RDS",
        f"cannot be the name of a {what}",
        longest,
    )

    def find(value: str) -> Iterator[str]:
        yield from shape.find(value)
        if value.lower() in DATABASE_RESERVED:
            yield f'"{value}" is reserved by PostgreSQL or RDS.'
        elif value.lower().startswith("pg_"):
            yield "PostgreSQL keeps names that begin with pg_ for itself."

    return Rule(shape.allowed, find)


database_name: Final = _database_identifier("database", 63)
database_user: Final = _database_identifier("user", 16)

class_name: Final = matching(
    r"db\.[a-z0-9-]+\.[a-z0-9.-]+",
    "an RDS instance class, db.<family>.<size>",
    "is not how an RDS instance class looks",
)
postgres_version: Final = version(
    r"(\d{1,2})(\.\d{1,2})?", 13, "a PostgreSQL version of RDS, 13 or later; RDS picks the minor version if left out"
)


class DatabaseSettings(RoomSettings):
    """``berth:database``."""

    PRODUCTION: ClassVar[Mapping[str, Any]] = {
        "multi_az": True,
        "deletion_protection": True,
        "backup_retention_days": 30,
    }
    """Defaults of a stack that holds what must not be lost."""

    name: Annotated[str, Key("Name of the database.", database_name, "biometric")] = "biometric"
    user: Annotated[
        str,
        Key(
            "Name of the database's master user, which owns what is in it. Another name replaces the database.",
            database_user,
            "biometric",
        ),
    ] = "biometric"
    application_user: Annotated[
        str | None,
        Key(
            "Role that the service connects as, DATABASE_USER. service.initCommand has to create it with "
            "DATABASE_PASSWORD and give it its rights; it alone is also given the master user, as DATABASE_ADMIN_USER "
            "and DATABASE_ADMIN_PASSWORD. Without a role the service is the master user.",
            database_user,
            "shop_app",
            default="the sample's own if its initCommand is run, else none",
        ),
    ] = None
    root_certificates: Annotated[
        str | None,
        Key(
            "File in the image with the authorities of RDS "
            "(https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem). With it the service is told to "
            "verify the database, by DATABASE_SSLMODE=verify-full and PGSSLROOTCERT; without it, to encrypt only.",
            absolute_path,
            "/app/rds.pem",
            default="the sample's own if the sample is built and has the region's, else none",
        ),
    ] = None
    engine_version: Annotated[str, Key("Version of PostgreSQL.", postgres_version, "17")] = "17"
    instance_class: Annotated[str, Key("RDS instance class.", class_name, "db.m7g.large")] = "db.t4g.micro"
    storage_gib: Annotated[Int, Key("Storage at the start, in GiB (gp3).", between(20, 65536), 100)] = 20
    max_storage_gib: Annotated[
        Int,
        Key(
            "Storage that RDS may grow to, in GiB: at least 10 % above storageGib, or equal to it to stay there.",
            between(20, 65536),
            500,
        ),
    ] = 100
    multi_az: Annotated[
        bool, Key("A standby in another zone that takes over.", example=True, default="false, or true if production")
    ] = False
    backup_retention_days: Annotated[
        Int,
        Key(
            "Days that automatic backups are kept; 0 makes none, and is refused if production.",
            between(0, 35),
            30,
            default="7, or 30 if production",
        ),
    ] = 7
    deletion_protection: Annotated[
        bool, Key("Whether AWS refuses to delete the database.", example=True, default="false, or true if production")
    ] = False
    discard_on_destroy: Annotated[
        bool,
        Key(
            "Whether the data goes when the database is deleted or replaced. Otherwise it leaves a final snapshot, and "
            "its automatic backups stay for backupRetentionDays; AWS charges for both. Takes effect with the next "
            "`pulumi up`, before a `pulumi destroy`.",
            example=True,
        ),
    ] = False

    def defaults(self, region: str, users: Sequence[ServiceSettings]) -> dict[str, Any]:
        """Say of the sample what its image and its migrations can do."""
        found: dict[str, Any] = {}
        if any(service.is_sample for service in users) and not region.startswith(SAMPLE_UNVERIFIED):
            found["root_certificates"] = SAMPLE_ROOT_CERTIFICATES
        if any(service.is_sample and tuple(service.init_command or ()) == SAMPLE_INIT_COMMAND for service in users):
            found["application_user"] = SAMPLE_APPLICATION_USER
        return found


DATABASE: Final = Room(
    "database",
    DatabaseSettings,
    Key(
        "The database of the services that use it: RDS for PostgreSQL.",
        nothing="There is nothing behind the key, and that does not leave the database out: a service without "
        "`database` in its `uses` has none.",
    ),
    "components.rooms.database.database:Database",
    WEAKNESSES,
)


@check("database.storageGib", "database.maxStorageGib")
def storageordered(case: Case) -> Iterator[Problem]:
    """RDS grows storage by a tenth at least (RDS user guide, "storage autoscaling")."""
    settings = case.at("database", DatabaseSettings)
    storage, most = settings.storage_gib, settings.max_storage_gib
    yield from ordered(case, ("database.storageGib", storage), ("database.maxStorageGib", most))
    least = -(-storage * 11 // 10)
    if storage < most < least:
        yield case.reading.problem(
            "database.maxStorageGib",
            f"RDS wants at least 10 % above database.storageGib, which is {storage}.",
            given=most,
            allowed=f"{least} or more, or {storage} to let it not grow",
            example=least,
        )


@check("database")
def somebody_uses_it(case: Case) -> Iterator[Problem]:
    """A database that no service uses is not made, and what is said of it would do nothing."""
    if case.reading.given.get("database") and not list(users_of(case, "database")):
        yield case.reading.problem(
            "database",
            "No service uses it, so there is none, and this key would do nothing.",
            allowed="nothing; or a service with `uses: [database]`",
            example=ABSENT,
        )


@check("database.user", "database.applicationUser", service=("initCommand", "image", "context"))
def the_application_has_a_role_of_its_own(case: Case) -> Iterator[Problem]:
    """Somebody has to create the service's role, and it is not the master user."""
    settings = case.at("database", DatabaseSettings)
    users = list(users_of(case, "database", "initCommand", "image", "context"))
    if settings.application_user is None or not users:
        return
    if settings.application_user == settings.user:
        yield case.reading.problem(
            "database.applicationUser",
            f"{settings.user} is the master user already.",
            given=settings.application_user,
            allowed="another name; or null, and the service is the master user",
            example="shop_app",
        )
    elif not any(service.init_command for _, service in users):
        yield case.reading.problem(
            "database.applicationUser",
            f"Nothing would create this role: there is no {users[0][0]}.initCommand.",
            given=settings.application_user,
            allowed="null, and the service is the master user; or an initCommand that creates it",
            example=ABSENT,
        )


@check(
    *("production", "accept", "database.applicationUser", "database.rootCertificates"),
    service=("image", "context", "initCommand"),
)
def weaknesses_are_accepted(case: Case) -> Iterator[Problem]:
    """What opens the database is no default in production: somebody says so, by name."""
    settings = case.at("database", DatabaseSettings)
    if not list(users_of(case, "database", "image", "context", "initCommand")):
        return
    yield from stands_by_name(
        case,
        "master-user",
        WEAKNESSES["master-user"],
        "database.applicationUser",
        is_open=settings.application_user is None,
        allowed="a role that service.initCommand creates",
        example="shop_app",
    )
    yield from stands_by_name(
        case,
        "unverified-database",
        WEAKNESSES["unverified-database"],
        "database.rootCertificates",
        is_open=settings.root_certificates is None,
        allowed="a file in the image with the authorities of RDS",
        example="/app/rds.pem",
    )


@check(
    *("production", "database.multiAz", "database.deletionProtection"),
    *("database.backupRetentionDays", "database.discardOnDestroy"),
)
def production_keeps_its_data(case: Case) -> Iterator[Problem]:
    """What would lose data when one zone fails, or by one command, is no choice in production."""
    settings = case.at("database", DatabaseSettings)
    weak: list[tuple[bool, str, Any, str]] = [
        (not settings.multi_az, "multiAz", True, "One lost zone would take the database with it."),
        (not settings.deletion_protection, "deletionProtection", True, "One command would end the data."),
        (settings.backup_retention_days == 0, "backupRetentionDays", 30, "Nothing could be restored."),
        (settings.discard_on_destroy, "discardOnDestroy", False, "A replaced database would leave nothing."),
    ]
    for is_weak, name, example, reason in weak if case.at("production", bool) else ():
        if is_weak:
            words = "1 to 35" if name.endswith("Days") else str(example).lower()
            yield case.reading.problem(
                f"database.{name}",
                f"berth:production is true. {reason}",
                allowed=f"{words}, or leave it out; or production: false",
                example=example,
            )
