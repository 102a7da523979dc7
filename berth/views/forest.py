"""A Plan's resources under their parents, and what every tree says of one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from berth.plan import Plan, Resource


def children_of(plan: Plan) -> Mapping[str | None, Sequence[Resource]]:
    """Return the children by their parent's URN, None if it is not in the Plan; those without children come first."""
    known = {resource.urn for resource in plan.resources}
    children: dict[str | None, list[Resource]] = defaultdict(list)
    for resource in plan.resources:
        children[resource.parent if resource.parent in known else None].append(resource)
    return {
        parent: sorted(inside, key=lambda item: (item.urn in children, item.type, item.name))
        for parent, inside in children.items()
    }


def split_name(name: str, parent: str) -> tuple[str, str]:
    """Split a name into what it repeats of its parent's, which every view mutes, and its own rest."""
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
