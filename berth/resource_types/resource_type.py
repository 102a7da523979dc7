"""One record for each resource type: its price, its minutes, what replaces it, and how it is drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from berth.plan import Resource
from berth.resource_types.charges import Charges, Context

ESTIMATE: Final = "estimate"
"""Source of a time that no page states."""


@dataclass(frozen=True)
class Free:
    """The type has no price of its own."""

    reason: str


@dataclass(frozen=True)
class Minutes:
    """Minutes that creating one resource typically takes, from fast to slow."""

    low: float
    high: float
    source: str = ESTIMATE
    """URL of the page that states it, or ``ESTIMATE``."""


SHORT: Final = Minutes(0.05, 0.2)
"""What most resources of a cloud take: seconds."""
NO_TIME: Final = Minutes(0, 0)


@dataclass(frozen=True)
class Forces:
    """Which changed properties make the provider replace a resource."""

    properties: frozenset[str]
    """Paths without indices, e.g. ``spec.selector``; what is below them counts too. ``*`` is every one."""
    source: str
    """The provider's file that marks the property so, the operation of AWS's API that could change it and does not
    (``service:Operation``), or ``NO_OPERATION``."""
    but: frozenset[str] = frozenset()
    """What ``*`` does not cover."""


NO_OPERATION: Final = "no operation changes it"


def forces(properties: str, source: str = NO_OPERATION, but: str = "") -> Forces:
    """Return a row from properties separated by blanks."""
    return Forces(frozenset(properties.split()), source, frozenset(but.split()))


@dataclass(frozen=True)
class Look:
    """How a kind of node is drawn."""

    title: str
    icon: str


@dataclass(frozen=True)
class In:
    """The kind of node a resource belongs to in each picture; None leaves it out of that picture."""

    full: str | None
    application: str | None

    def on(self, kind: Literal["full", "application"]) -> str | None:
        """Return the kind of node on this picture."""
        return self.full if kind == "full" else self.application


def both(node: str) -> In:
    """Return the same kind of node on both pictures."""
    return In(node, node)


HIDDEN: Final = In(None, None)
"""For what a box, an arrow or a colour says already."""


@dataclass(frozen=True)
class Way:
    """What a property that names another resource means."""

    label: str
    reverse: bool = False
    """The arrow points to the resource that has the property."""
    style: Literal["call", "use"] = "use"


@dataclass(frozen=True)
class ResourceType:
    """All that is known of one resource type."""

    token: str
    """Type token, e.g. ``aws:ecs/service:Service``."""
    charges: Callable[[Resource, Context], Charges] | Free
    """What its resources are charged for."""
    look: In | None = None
    """Where it is drawn; None makes a node of its own on both pictures, as for a type that has no record."""
    moored: In | None = None
    """Where it is drawn that is a part of a service at its berth, if elsewhere."""
    minutes: Minutes = SHORT
    """How long one takes to create."""
    replaced_by: Forces | None = None
    """What replaces it; a property that is not named is taken to be changed in place."""
    title: Look | None = None
    """What a node of its innermost kind is called that holds it; None for what the kind is called."""
    ways: Mapping[str, Way | None] = field(default_factory=dict)
    """What a property means where its name alone does not tell (``berth.diagrams.table.WAYS``); None draws no arrow."""
    named: Way | None = None
    """What it means where this resource's name stands in another's inputs: the name is computed, and makes no edge."""
    awaited: Way | None = None
    """What it means where another resource waits for this one, with no property of that resource naming it."""
    calls: str = ""
    """IAM actions that change something in AWS when the provider creates, updates or deletes one, by service:
    ``ec2: CreateVpc DeleteVpc; iam: PassRole``. What only reads is allowed to the deploying role by service."""
    after: Mapping[str, Way] = field(default_factory=dict)
    """Types that this one waits for without naming them, and what that means."""

    @property
    def actions(self) -> list[str]:
        """The full names of its IAM actions, e.g. ``ec2:CreateVpc``."""
        services = (text.partition(": ") for text in self.calls.split("; "))
        return [f"{service}:{name}" for service, _, names in services for name in names.split()]


def free(reason: str, token: str, look: In | None = None, **known: Any) -> ResourceType:
    """Return the record of a type that has no price of its own."""
    return ResourceType(token, Free(reason), look, **known)
