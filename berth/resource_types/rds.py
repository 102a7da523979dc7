"""RDS."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

from berth.plan import Resource
from berth.resource_types.charges import Charge, Charges, Context, number, unpriced
from berth.resource_types.prices import Selector, selector
from berth.resource_types.resource_type import Minutes, ResourceType, both, forces, free

_INSTANCE: Final = "terraform-provider-aws: internal/service/rds/instance.go"


def database(resource: Resource, context: Context) -> Charges:
    """Charge an RDS instance, its storage and backups; a standby doubles the first two."""
    inputs, usage = resource.inputs, context.usage
    class_, size = inputs.get("instanceClass"), number(inputs.get("allocatedStorage"))
    zones = "multi" if inputs.get("multiAz") is True else "single"
    label = f"{class_} in two zones" if zones == "multi" else f"{class_}"
    if not isinstance(class_, str) or inputs.get("engine") != "postgres":
        yield unpriced(resource, "instance", "only PostgreSQL of a known instance class is in the price list")
    else:
        yield Charge(label, f"rds.{class_}.{zones}", usage.hours)
    if size is None:
        yield unpriced(resource, "storage", "its size is not known")
    else:
        yield Charge(f"{size} GB of storage", f"rds.{inputs.get('storageType', 'gp2')}.{zones}", size * usage.months)
    if usage.backup_gb:
        yield Charge("backups beyond its size", "rds.backup", usage.backup_gb)


_of_database = partial(free, "part of the database", look=both("database"))

TYPES: Final = (
    ResourceType(
        "aws:rds/instance:Instance",
        database,
        both("database"),
        minutes=Minutes(5, 10),
        replaced_by=forces(
            "availabilityZone dbName engine kmsKeyId snapshotIdentifier storageEncrypted username", _INSTANCE
        ),
        calls="iam: CreateServiceLinkedRole; rds: AddTagsToResource CreateDBInstance CreateDBSnapshot "
        "DeleteDBInstance ModifyDBInstance RebootDBInstance RemoveTagsFromResource",
    ),
    _of_database(
        "aws:rds/parameterGroup:ParameterGroup",
        replaced_by=forces("description family name namePrefix", "rds:ModifyDBParameterGroup"),
        calls="rds: AddTagsToResource CreateDBParameterGroup DeleteDBParameterGroup ModifyDBParameterGroup "
        "RemoveTagsFromResource ResetDBParameterGroup",
    ),
    _of_database(
        "aws:rds/subnetGroup:SubnetGroup",
        replaced_by=forces("name namePrefix", "rds:ModifyDBSubnetGroup"),
        calls="rds: AddTagsToResource CreateDBSubnetGroup DeleteDBSubnetGroup ModifyDBSubnetGroup "
        "RemoveTagsFromResource",
    ),
)

PRICES: Final[Mapping[str, Selector]] = {
    "rds.gp3.single": selector("AmazonRDS", "RDS:GP3-Storage", engine="PostgreSQL"),
    "rds.gp3.multi": selector("AmazonRDS", "RDS:Multi-AZ-GP3-Storage", engine="PostgreSQL"),
    "rds.backup": selector("AmazonRDS", "RDS:ChargedBackupUsage", engine="PostgreSQL"),
}
