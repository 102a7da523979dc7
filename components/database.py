"""The database: RDS for PostgreSQL in the isolated subnets, and the bindings that lead to it.

Creates (``berth:database:Database``): subnet group, parameter group that refuses unencrypted
connections, a generated password, the log groups RDS writes to (so that they expire), and the
instance: encrypted, private, backed up.
"""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from components.firewall import DATABASE_PORT
from components.service import Binding
from components.site import Site
from settings import DatabaseSettings

PASSWORD_LENGTH = 40
"""Characters; RDS for PostgreSQL takes 8 to 128. They are letters and digits only, 238 bits in all: SSM refuses a value
with ``{{``, RDS refuses ``/``, ``@``, ``"`` and blanks, a URL wants ``#``, ``?`` and ``:`` escaped, and a shell or
an env file reads ``$``, ``!`` and ``&`` in its own way."""
LOG_TYPES = ("postgresql", "upgrade")
LOG_RETENTION_DAYS = 30


class Database(pulumi.ComponentResource):
    """One PostgreSQL instance."""

    bindings: tuple[Binding, ...]
    """Host, port, name, user and password, as environment variables ``DATABASE_*``."""
    environment: dict[str, str]
    """What a client needs beside the bindings, known at preview: the TLS mode."""
    ready: list[pulumi.Resource]
    """What must exist before a client can connect."""

    def __init__(
        self,
        site: Site,
        settings: DatabaseSettings,
        *,
        subnet_ids: Sequence[pulumi.Input[str]],
        security_group_id: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Create the database.

        Args:
            site: where the stack stands.
            settings: ``berth:database``.
            subnet_ids: isolated subnets in two zones at least.
            security_group_id: group that admits the service and nothing else.
            opts: resource options.
        """
        name = site.name
        super().__init__(
            "berth:database:Database",
            name,
            {"engineVersion": settings.engine_version, "instanceClass": settings.instance_class},
            opts,
        )
        child = pulumi.ResourceOptions(parent=self)
        identifier = f"{name}-db"
        major = settings.engine_version.split(".")[0]

        subnets = aws.rds.SubnetGroup(
            f"{name}-db", subnet_ids=list(subnet_ids), description="Isolated subnets", opts=child
        )
        parameters = aws.rds.ParameterGroup(
            f"{name}-db",
            family=f"postgres{major}",
            description="TLS or nothing",
            parameters=[{"name": "rds.force_ssl", "value": "1"}],
            opts=child,
        )
        password = random.RandomPassword(
            f"{name}-db-password",
            length=PASSWORD_LENGTH,
            special=False,
            opts=child,
        )
        # RDS makes these groups itself, and then they never expire.
        logs = [
            aws.cloudwatch.LogGroup(
                f"{name}-db-{log_type}",
                name=f"/aws/rds/instance/{identifier}/{log_type}",
                retention_in_days=LOG_RETENTION_DAYS,
                opts=child,
            )
            for log_type in LOG_TYPES
        ]
        instance = aws.rds.Instance(
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
            password=password.result,
            port=DATABASE_PORT,
            db_subnet_group_name=subnets.name,
            parameter_group_name=parameters.name,
            vpc_security_group_ids=[security_group_id],
            publicly_accessible=False,
            multi_az=settings.multi_az,
            ca_cert_identifier="rds-ca-rsa2048-g1",
            backup_retention_period=settings.backup_retention_days,
            copy_tags_to_snapshot=True,
            deletion_protection=settings.deletion_protection,
            # What is protected from deletion also leaves a snapshot when it goes at last.
            skip_final_snapshot=not settings.deletion_protection,
            final_snapshot_identifier=f"{identifier}-final" if settings.deletion_protection else None,
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

        self.environment = {"DATABASE_SSLMODE": "require"}
        self.bindings = (
            Binding("DATABASE_HOST", instance.address),
            Binding("DATABASE_PORT", str(DATABASE_PORT)),
            Binding("DATABASE_NAME", settings.name),
            Binding("DATABASE_USER", settings.user),
            Binding("DATABASE_PASSWORD", password.result, secret=True),
        )
        self.ready = [instance]
        self.register_outputs({"address": instance.address})
