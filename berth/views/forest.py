"""A Plan's resources under their parents, and what every tree says of one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from berth.plan import Plan, Resource


def children_of(plan: Plan) -> Mapping[str | None, Sequence[Resource]]:
    """Return each parent's children by its URN: single resources first, then rooms, which would separate neighbours.

    None has those whose parent is not in the Plan: it cannot be shown, they still are.
    """
    known = {resource.urn for resource in plan.resources}
    children: dict[str | None, list[Resource]] = defaultdict(list)
    for resource in plan.resources:
        children[resource.parent if resource.parent in known else None].append(resource)
    return {
        parent: sorted(inside, key=lambda item: (item.urn in children, item.type, item.name))
        for parent, inside in children.items()
    }


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
