"""Which findings a key of this program's config answers.

The policy pack is for any Pulumi program and names resources' inputs; a user of this program writes a stack file. Each
key stands here with the component that it configures; resources outside of that get no advice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from berth.plan import Resource

_AUTHORIZATION: Final = "berth:api.authorization: jwt (with berth:api.jwt) or iam"

ANSWERS: Final[Mapping[str, Mapping[str, str]]] = {
    "aws-api-route-authorized": {"berth:edge:Edge": _AUTHORIZATION},
    "aws-log-retention": {
        "berth:berths:Host": "a longer berth:service.logRetentionDays, e.g. 365",
        "berth:berths:Mooring": "a longer berth:service.logRetentionDays, e.g. 365",
        "berth:edge:Edge": "a longer berth:api.logRetentionDays, e.g. 365",
        "berth:network:Network": "a longer berth:network.flowLogRetentionDays, e.g. 365",
    },
    "aws-rds-backups": {"berth:database:Database": "berth:database.backupRetentionDays: 7 or more"},
    "aws-rds-deletion-protection": {"berth:database:Database": "berth:database.deletionProtection: true"},
    "aws-rds-multi-az": {"berth:database:Database": "berth:database.multiAz: true"},
}
"""Rule to the type of a component to what the stack file says instead."""


def answer(rule: str, resource: Resource | None) -> str:
    """Return what to write into the stack file, or an empty text where no key of it answers.

    Args:
        rule: Id of the broken rule.
        resource: What breaks it; its URN names the types of the components around it.
    """
    around = resource.urn.split("::", 3)[2].split("$") if resource and resource.parent else ()
    known = ANSWERS.get(rule, {})
    found = next((known[component] for component in around if component in known), "")
    return found and f"In the stack's config, write {found}."
