"""The resources as a tree under their components."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.text import Text
from rich.tree import Tree

from berth.plan import Plan, Resource
from berth.views.common import MANDATORY, Violation, kind, package, summary
from berth.views.forest import forest, marks, split_name

# One colour a package; what is not here stays in the terminal's own. Yellow and red are those of findings.
_COLOURS: Final = {
    "kubernetes": "blue",
    "docker": "cyan",
    "random": "magenta",
}


def tree(plan: Plan, violations: Sequence[Violation]) -> RenderableType:
    """Return the tree, each resource with its marks, and the counts a package below it."""
    children = forest(plan).children
    worst: Counter[str] = Counter()
    for violation in violations:
        worst[violation.resource] = max(worst[violation.resource], 2 if violation.level == MANDATORY else 1)

    def grow(branch: Tree, parent: str | None) -> None:
        for resource in children.get(parent, ()):
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
    prefix, own = split_name(resource.name, parent)
    label.append(prefix, style="dim")
    label.append(own, style=strength)
    if said := marks(resource):
        label.append(f" ({', '.join(said)})", style="dim")
    return label
