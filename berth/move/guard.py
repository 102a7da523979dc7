"""What a move may change, and what it may not: the engine's own preview held to two Plans. Pure.

A move is the wrong moment for anything else: when an alarm fires halfway, what changed beside the weights cannot be
told from the berth, and going back would not take it back.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from berth.difference.compare import difference
from berth.difference.outcome import address
from berth.plan import HOST, Plan
from berth.views.common import short_type

_NOTHING: Final = ("same", "read", "refresh", "read-discard", "discard-replaced", "read-replacement")
_WORDS: Final = {"create": "+", "delete": "-", "update": "~", "import": "+"}
_REGISTRY: Final = re.compile(r"^\d{12}\.dkr\.ecr\.[^/]+/")
"""Of ECR, whose account a Plan does not know."""
_MOST_SHOWN: Final = 8


@dataclass(frozen=True)
class Change:
    """What the engine would do to one resource."""

    operation: str
    urn: str
    properties: tuple[str, ...] = ()
    """Names of the inputs that differ, of an update."""
    parent: str = ""
    custom: bool = True

    def __str__(self) -> str:
        token, name = self.urn.split("::")[-2:]
        why = f" ({', '.join(self.properties)})" if self.properties else ""
        return f"{_WORDS.get(self.operation, '+-')} {short_type(token.rpartition('$')[2])} {name}{why}"


def changes(document: Mapping[str, Any]) -> list[Change]:
    """Return what ``pulumi preview --json`` says would change."""
    found = []
    for step in document.get("steps") or ():
        state = step.get("newState") or step.get("oldState") or {}
        if step["op"] not in _NOTHING and state.get("type") != "pulumi:pulumi:Stack":
            properties = tuple(step.get("diffReasons") or ())
            parent, custom = state.get("parent") or "", bool(state.get("custom"))
            found.append(Change(step["op"], step["urn"], properties, parent, custom))
    return found


def leaving(document: Mapping[str, Any]) -> list[str]:
    """Return the berths that ``pulumi preview --json`` says would go."""
    states = [step["oldState"] for step in document.get("steps") or () if step["op"] == "delete"]
    return sorted(str(one["inputs"]["berth"]) for one in states if one["type"] == HOST)


@dataclass
class Allowed:
    """What differs between Plans."""

    created: set[str] = field(default_factory=set)
    """Addresses of what is made; until it serves requests, anything may be done to it again."""
    deleted: set[str] = field(default_factory=set)
    updated: dict[str, set[str]] = field(default_factory=dict)
    """Addresses of what changes in place, and the names of the inputs that do."""

    def admits(self, change: Change) -> bool:
        """Return whether a change is one of those."""
        where = address(change.urn)
        if change.operation == "delete":
            return where in self.deleted
        if change.operation == "update" and where in self.updated:
            return set(change.properties) <= self.updated[where]
        return where in self.created


def allowed(pairs: Iterable[tuple[Plan, Plan]]) -> Allowed:
    """Return what may change: all that differs within pairs of Plans, each a before and an after.

    A replacement is never among it: what holds requests or data stays.
    """
    found = Allowed()
    for before, after in pairs:
        for one in difference(before, after).resources:
            where = address(one.resource.urn)
            if one.kind == "create":
                found.created.add(where)
            elif one.kind == "delete":
                found.deleted.add(where)
            elif one.kind == "update":
                found.updated.setdefault(where, set()).update(str(change.path[0]) for change in one.changes)
    return found


def unexpected(found: Sequence[Change], may: Allowed) -> list[Change]:
    """Return the changes that no move makes.

    What a provider makes inside of a component of its own is not in the Plan, and belongs to the component. A component
    itself is in no cloud.
    """
    parents = {change.urn: change.parent for change in found}

    def inside(urn: str, ours: Collection[str]) -> bool:
        return any(address(above) in ours for above in _above(urn, parents))

    return [
        change
        for change in found
        if change.custom
        and not may.admits(change)
        and not inside(change.urn, may.deleted if change.operation == "delete" else may.created)
    ]


def _above(urn: str, parents: Mapping[str, str]) -> Iterator[str]:
    while parent := parents.get(urn):
        yield parent
        urn = parent


def listed(found: Sequence[Change]) -> str:
    """Return changes as lines, the first of many."""
    lines = [f"  {change}" for change in found[:_MOST_SHOWN]]
    return "\n".join([*lines, *([f"  and {len(found) - len(lines)} more"] if len(found) > len(lines) else [])])


def other_images(planned: Mapping[str, Any], up: Mapping[str, Any]) -> list[str]:
    """Return the services whose image is not the one that is up, each with both."""
    return [
        f"{name}: {up[name]} is up, and {image} is planned"
        for name, image in sorted(planned.items())
        if isinstance(image, str) and name in up and _REGISTRY.sub("", image) != _REGISTRY.sub("", str(up[name]))
    ]
