"""Route 53."""

from __future__ import annotations

from typing import Final

from berth.resource_types.resource_type import Free, ResourceType, both

TYPES: Final = (
    ResourceType(
        "aws:route53/record:Record",
        Free("part of a zone that exists; queries of an alias to AWS are free"),
        both("domain"),
        calls="route53: ChangeResourceRecordSets",
    ),
)
