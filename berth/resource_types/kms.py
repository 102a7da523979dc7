"""KMS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from berth.plan import Resource
from berth.resource_types.charges import Charge, Charges, Context
from berth.resource_types.prices import Selector, selector
from berth.resource_types.resource_type import Free, In, ResourceType, forces


def key(resource: Resource, context: Context) -> Charges:
    """Charge a customer-managed key."""
    yield Charge("key", "kms.key", context.usage.months)


TYPES: Final = (
    ResourceType("aws:kms/alias:Alias", Free("part of the key"), None),
    ResourceType(
        "aws:kms/key:Key",
        key,
        In("key", None),
        replaced_by=forces("customerMasterKeySpec keyUsage multiRegion"),
        calls="kms: CreateKey DisableKeyRotation EnableKeyRotation PutKeyPolicy ScheduleKeyDeletion TagResource "
        "UntagResource UpdateKeyDescription",
    ),
)

PRICES: Final[Mapping[str, Selector]] = {"kms.key": selector("awskms", "KMS-Keys")}
