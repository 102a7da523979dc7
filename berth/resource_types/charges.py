"""What the records of resource types make of resources: charges, whatever their prices are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from berth.plan import UNKNOWN, Plan, Resource, Secret

if TYPE_CHECKING:
    from berth.cost.usage import Usage

MILLION: Final = Decimal(1_000_000)


@dataclass(frozen=True)
class Charge:
    """So much of something that is sold, whatever it costs."""

    what: str
    """What it is for, as a reader says it."""
    key: str
    """Key in the price list."""
    quantity: Decimal
    """Units of that price."""
    factor_key: str | None = None
    """Key of a second price that the first is multiplied by: a share of it is charged."""


@dataclass(frozen=True)
class Unpriced:
    """Something that costs money, but how much is not known."""

    resource: str
    """Name of the resource."""
    type: str
    component: str
    what: str
    reason: str


Charges = Iterator[Charge | Unpriced]


@dataclass(frozen=True)
class Context:
    """What a rule may look at besides its resource."""

    plan: Plan
    usage: Usage
    by_urn: Mapping[str, Resource]

    def count(self, type_token: str, **inputs: Any) -> int:
        """Return how many resources of the stack itself have this type and these inputs."""
        return sum(
            not resource.external and all(resource.inputs.get(name) == value for name, value in inputs.items())
            for resource in self.plan.of_type(type_token)
        )

    def behind(self, resource: Resource, name: str, type_token: str) -> Resource | None:
        """Return the resource of a type that the input ``name`` comes from.

        Where the input's own dependencies are not recorded, all of the resource's are searched.
        """
        urns = (*resource.property_dependencies.get(name, ()), *resource.dependencies)
        found = (self.by_urn.get(urn) for urn in urns)
        return next((other for other in found if other is not None and other.type == type_token), None)


def number(value: Any) -> Decimal | None:
    """Return an input as a number, or None where it is unknown, secret or none."""
    if value is None or value is UNKNOWN or isinstance(value, Secret | bool):
        return None
    try:
        # By its text: a Decimal of the float itself would show the float's binary tail.
        return Decimal(str(value))
    except ArithmeticError:
        return None


def mapping(value: Any) -> Mapping[str, Any]:
    """Return an input as an object; empty where it is none."""
    return value if isinstance(value, Mapping) else {}


def items(value: Any) -> Sequence[Any]:
    """Return an input as a list; empty where it is none."""
    return value if isinstance(value, list | tuple) else ()


def unpriced(resource: Resource, what: str, reason: str) -> Unpriced:
    """Return the note that a part of a resource costs an unknown amount; its component is filled in later."""
    return Unpriced(resource.name, resource.type, "", what, reason)
