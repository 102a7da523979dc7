"""Systems Manager."""

from __future__ import annotations

from typing import Final

from berth.plan import Resource
from berth.resource_types.charges import Charge, Charges, Context
from berth.resource_types.resource_type import In, ResourceType, Way, forces


def parameter(resource: Resource, context: Context) -> Charges:
    """Charge an advanced parameter; a standard one is free."""
    if resource.inputs.get("tier", "Standard") != "Standard":
        yield Charge("advanced parameter", "ssm.advanced", context.usage.months)


TYPES: Final = (
    ResourceType(
        "aws:ssm/parameter:Parameter",
        parameter,
        In(None, "parameters"),
        replaced_by=forces("name", "ssm:PutParameter"),
        named=Way("secrets"),
        calls="ssm: AddTagsToResource DeleteParameter PutParameter RemoveTagsFromResource",
    ),
)
