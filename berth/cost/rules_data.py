"""What databases, logs, images, objects, keys and secrets cost."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from berth.cost.model import Charge, Context, number
from berth.cost.rules_network import Charges, unpriced
from berth.plan import Resource

DAYS_A_MONTH: Final = Decimal(365) / 12
KEPT_FOREVER_DAYS: Final = Decimal(365)
"""Days of logs that are counted where they never expire: the first year's."""


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


def log_group(resource: Resource, context: Context) -> Charges:
    """Charge this group's share of all logs, and keeping them.

    What is kept is compressed by AWS, so the storage is an upper bound.
    """
    share = context.usage.log_gb / context.count(resource.type)
    days = number(resource.inputs.get("retentionInDays")) or KEPT_FOREVER_DAYS
    yield Charge("logs taken in", "logs.ingest", share)
    yield Charge(f"logs kept {days} days", "logs.storage", share * days / DAYS_A_MONTH)


def repository(resource: Resource, context: Context) -> Charges:
    """Charge the images kept."""
    yield Charge("images kept", "ecr.storage", context.usage.image_gb / context.count(resource.type))


def bucket(resource: Resource, context: Context) -> Charges:
    """Charge the objects kept; the requests that write access logs are fractions of a cent."""
    yield Charge("objects kept", "s3.standard", context.usage.object_gb)


def key(resource: Resource, context: Context) -> Charges:
    """Charge a customer-managed key."""
    yield Charge("key", "kms.key", context.usage.months)


def secret(resource: Resource, context: Context) -> Charges:
    """Charge a secret of Secrets Manager."""
    yield Charge("secret", "secret", context.usage.months)


def parameter(resource: Resource, context: Context) -> Charges:
    """Charge an advanced parameter; a standard one is free."""
    if resource.inputs.get("tier", "Standard") != "Standard":
        yield Charge("advanced parameter", "ssm.advanced", context.usage.months)
