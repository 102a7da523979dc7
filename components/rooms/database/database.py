"""The database: RDS for PostgreSQL in the isolated subnets, and the bindings that lead to it.

Creates (``berth:database:Database``): subnet group, parameter group that refuses unencrypted
connections, a generated password, the log groups RDS writes to (so that they expire), and the
instance: encrypted, private, backed up.
"""

from __future__ import annotations

from collections.abc import Collection

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from components.ground import Ground
from components.logs import service_log_group
from components.offer import Binding, Offer, Reach
from components.rooms.database.settings import WEAKNESSES, DatabaseSettings

PORT = 5432
PASSWORD_LENGTH = 40
"""Characters; RDS for PostgreSQL takes 8 to 128. They are letters and digits only, 238 bits in all: SSM refuses a value
with ``{{``, RDS refuses ``/``, ``@``, ``"`` and blanks, a URL wants ``#``, ``?`` and ``:`` escaped, and a shell or
an env file reads ``$``, ``!`` and ``&`` in its own way."""
LOG_TYPES = ("postgresql", "upgrade")
LOG_RETENTION_DAYS = 30


class Database(pulumi.ComponentResource):
    """One PostgreSQL instance, in a security group of its own."""

    offer: Offer
    """Host, port, name, user and password, as environment variables ``DATABASE_*``, and how the server is verified, by
    libpq's names. Where the service has a role of its own, the init command, which creates it, is also given the master
    user's."""

    def __init__(
        self, ground: Ground, settings: DatabaseSettings, *, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Create the database.

        Args:
            ground: what every room and berth stands on.
            settings: ``berth:database``.
            opts: resource options.
        """
        self._name = name = ground.site.name
        super().__init__(
            "berth:database:Database",
            name,
            {"engineVersion": settings.engine_version, "instanceClass": settings.instance_class},
            opts,
        )
        self._child = pulumi.ResourceOptions(parent=self)
        group = ground.firewall.group(f"{name}-database", "Database", self._child)
        password = self._password("db-password")
        instance = self._instance(ground, settings, group, password)
        self.offer = Offer(
            environment=self._environment(settings),
            bindings=self._bindings(settings, instance.address, password),
            reach=(Reach("database", group.id, PORT),),
            ready=(instance,),
        )
        self._warn(settings, ground.accept)
        self.register_outputs({"address": instance.address})

    def _password(self, suffix: str) -> pulumi.Output[str]:
        return random.RandomPassword(
            f"{self._name}-{suffix}", length=PASSWORD_LENGTH, special=False, opts=self._child
        ).result

    def _instance(
        self,
        ground: Ground,
        settings: DatabaseSettings,
        group: aws.ec2.SecurityGroup,
        password: pulumi.Output[str],
    ) -> aws.rds.Instance:
        name, identifier = self._name, f"{self._name}-db"
        major = settings.engine_version.split(".")[0]
        subnets = aws.rds.SubnetGroup(
            f"{name}-db", subnet_ids=ground.network.data_subnet_ids, description="Isolated subnets", opts=self._child
        )
        parameters = aws.rds.ParameterGroup(
            f"{name}-db",
            family=f"postgres{major}",
            description="TLS or nothing",
            parameters=[{"name": "rds.force_ssl", "value": "1"}],
            opts=self._child,
        )
        # A snapshot outlives the stack, and its name is taken then: each database has another one, whether the stack
        # comes again or a key that replaces the database is changed.
        life = random.RandomId(
            f"{name}-db-life", byte_length=4, keepers={"name": settings.name, "user": settings.user}, opts=self._child
        )
        # RDS makes these groups itself, and then they never expire.
        logs = [
            service_log_group(
                f"{name}-db-{log_type}", f"/aws/rds/instance/{identifier}/{log_type}", LOG_RETENTION_DAYS, self._child
            )
            for log_type in LOG_TYPES
        ]
        return aws.rds.Instance(
            f"{name}-db",
            identifier=identifier,
            engine="postgres",
            engine_version=settings.engine_version,
            instance_class=settings.instance_class,
            allocated_storage=settings.storage_gib,
            # CreateDBInstance refuses a maximum that equals the size; without one, storage does not grow.
            max_allocated_storage=settings.max_storage_gib if settings.max_storage_gib > settings.storage_gib else None,
            storage_type="gp3",
            storage_encrypted=True,
            db_name=settings.name,
            username=settings.user,
            password=password,
            port=PORT,
            db_subnet_group_name=subnets.name,
            parameter_group_name=parameters.name,
            vpc_security_group_ids=[group.id],
            publicly_accessible=False,
            multi_az=settings.multi_az,
            ca_cert_identifier="rds-ca-rsa2048-g1",
            backup_retention_period=settings.backup_retention_days,
            copy_tags_to_snapshot=True,
            deletion_protection=settings.deletion_protection,
            # The engine deletes by what the last `up` put in the state, so this holds for stacks that may go, too.
            skip_final_snapshot=settings.discard_on_destroy,
            final_snapshot_identifier=pulumi.Output.concat(identifier, "-", life.hex),
            delete_automated_backups=settings.discard_on_destroy,
            auto_minor_version_upgrade=True,
            # What `up` reports as done is done, not waiting for the maintenance window.
            apply_immediately=True,
            allow_major_version_upgrade=True,  # only ever asked for by a change of engineVersion
            enabled_cloudwatch_logs_exports=list(LOG_TYPES),
            tags={"Name": identifier},
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=logs,
                protect=settings.deletion_protection,
            ),
        )

    def _environment(self, settings: DatabaseSettings) -> dict[str, str]:
        if settings.root_certificates:
            return {"DATABASE_SSLMODE": "verify-full", "PGSSLROOTCERT": settings.root_certificates}
        return {"DATABASE_SSLMODE": "require"}

    def _bindings(
        self, settings: DatabaseSettings, address: pulumi.Output[str], password: pulumi.Output[str]
    ) -> tuple[Binding, ...]:
        user = settings.user
        admin: tuple[Binding, ...] = ()
        if settings.application_user:
            admin = (
                Binding("DATABASE_ADMIN_USER", user, init_only=True),
                Binding("DATABASE_ADMIN_PASSWORD", password, secret=True, init_only=True),
            )
            user, password = settings.application_user, self._password("db-application-password")
        return (
            Binding("DATABASE_HOST", address),
            Binding("DATABASE_PORT", str(PORT)),
            Binding("DATABASE_NAME", settings.name),
            Binding("DATABASE_USER", user),
            Binding("DATABASE_PASSWORD", password, secret=True),
            *admin,
        )

    def _warn(self, settings: DatabaseSettings, accept: Collection[str]) -> None:
        weak = {
            "master-user": settings.application_user is None,
            "unverified-database": settings.root_certificates is None,
        }
        for weakness in [name for name, is_so in weak.items() if is_so and name not in accept]:
            pulumi.log.warn(f"{WEAKNESSES[weakness]}; berth:accept: [{weakness}] says that this is meant", self)
