"""Secrets Manager."""

from __future__ import annotations

from typing import Final

from berth.plan import Resource
from berth.resource_types.charges import Charge, Charges, Context
from berth.resource_types.resource_type import ResourceType, forces


def secret(resource: Resource, context: Context) -> Charges:
    """Charge a secret of Secrets Manager."""
    yield Charge("secret", "secret", context.usage.months)


TYPES: Final = (
    ResourceType(
        "aws:secretsmanager/secret:Secret",
        secret,
        None,
        replaced_by=forces("name namePrefix", "secretsmanager:UpdateSecret"),
    ),
)
