"""A Plan's resources under their parents, and what every tree says of one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from berth.plan import Plan, Resource


@dataclass(frozen=True)
class Forest:
    """Who is whose child."""

    children: Mapping[str | None, Sequence[Resource]]
    """By the parent's URN; None has those without a parent in the Plan."""

    def below(self, urn: str) -> list[Resource]:
        """Return everything inside a resource, however deep."""
        found: list[Resource] = []
        waiting = [urn]
        while waiting:
            inside = self.children.get(waiting.pop(), ())
            found += inside
            waiting += [resource.urn for resource in inside]
        return found


def forest(plan: Plan) -> Forest:
    """Return each parent's children: single resources first, then rooms, whose contents would separate neighbours."""
    known = {resource.urn for resource in plan.resources}
    children: dict[str | None, list[Resource]] = defaultdict(list)
    for resource in plan.resources:
        # A parent that is not in the Plan cannot be shown; its child still is.
        children[resource.parent if resource.parent in known else None].append(resource)
    return Forest(
        {
            parent: sorted(inside, key=lambda item: (item.urn in children, item.type, item.name))
            for parent, inside in children.items()
        }
    )


def split_name(name: str, parent: str) -> tuple[str, str]:
    """Return what a name repeats of its parent's, and its own rest: the first steps back in every view."""
    own = name.removeprefix(parent) or name
    return name[: len(name) - len(own)], own


def marks(resource: Resource) -> list[str]:
    """Return what is special about a resource, in words."""
    said = (
        ("protected", resource.protect),
        ("read only", resource.external),
        ("its provider makes what is inside", resource.remote),
    )
    return [text for text, holds in said if holds]
