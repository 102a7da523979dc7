"""The resources as a tree under their components."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.text import Text
from rich.tree import Tree

from berth.plan import Plan, Resource
from berth.views.common import MANDATORY, Violation, kind, package, summary

# One colour a package; what is not here stays in the terminal's own.
_COLOURS: Final = {
    "aws": "yellow",
    "eks": "yellow",
    "kubernetes": "blue",
    "docker": "cyan",
    "random": "magenta",
}


def tree(plan: Plan, violations: Sequence[Violation]) -> RenderableType:
    """Return the tree, each resource with its marks, and the counts a package below it."""
    children: dict[str | None, list[Resource]] = defaultdict(list)
    known = {resource.urn for resource in plan.resources}
    for resource in plan.resources:
        # A parent that is not in the Plan cannot be shown; its child still is.
        children[resource.parent if resource.parent in known else None].append(resource)
    worst: Counter[str] = Counter()
    for violation in violations:
        worst[violation.resource] = max(worst[violation.resource], 2 if violation.level == MANDATORY else 1)

    def grow(branch: Tree, parent: str | None) -> None:
        # Single resources first, then rooms: a room's contents do not separate its neighbours.
        for resource in sorted(children[parent], key=lambda item: (item.urn in children, item.type, item.name)):
            grow(branch.add(_label(resource, _name(parent), worst[resource.urn])), resource.urn)

    root = Tree(Text(plan.stack, style="bold"), guide_style="dim")
    grow(root, None)
    return Group(root, Text(), Text(summary(plan.resources), style="bold"))


def _name(urn: str | None) -> str:
    return urn.rsplit("::", 1)[-1] if urn else ""


def _label(resource: Resource, parent: str, worst: int) -> Text:
    label = Text(overflow="fold")
    if worst:
        label.append("✗ " if worst == 2 else "! ", style="bold red" if worst == 2 else "bold yellow")
    strength = "" if resource.custom else "bold"
    label.append(kind(resource), style=f"{strength} {_COLOURS.get(package(resource.type), '')}".strip())
    label.append(" ")
    # What a child's name repeats of its parent's steps back, so that the difference is seen.
    own = resource.name.removeprefix(parent) or resource.name
    label.append(resource.name[: len(resource.name) - len(own)], style="dim")
    label.append(own, style=strength)
    marks = [
        text
        for text, holds in (
            ("protected", resource.protect),
            ("read only", resource.external),
            ("its provider makes what is inside", resource.remote),
        )
        if holds
    ]
    if marks:
        label.append(f" ({', '.join(marks)})", style="dim")
    return label
