"""What every diagram is before it is drawn: nodes, boxes and edges, all plain data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["full", "application"]
"""``full``: the platform around the service; ``application``: the service, its data and who calls whom."""

KINDS: Final[tuple[Kind, ...]] = ("full", "application")


@dataclass(frozen=True, order=True)
class Node:
    """One card: one resource, or several of a kind that stand for one thing."""

    id: str
    """``<component>/<kind>``, e.g. ``edge/api``; the same from run to run."""
    kind: str
    """What use cases call it, e.g. ``workload``."""
    title: str
    detail: str = ""
    """Smaller, below the title; may have several lines."""
    icon: str = "generic"
    component: str = ""
    """Component that declares it; gives the card its colour."""
    group: str | None = None
    """Innermost box around it."""
    count: int = 1
    """How many resources of the Plan it stands for, what is folded into it included."""


@dataclass(frozen=True, order=True)
class Group:
    """A box: a component, the VPC, one of its tiers, or a tier's part of a zone."""

    id: str
    title: str
    style: Literal["component", "vpc", "tier", "zone"] = "component"
    parent: str | None = None


@dataclass(frozen=True, order=True)
class Arrow:
    """From one card to another."""

    source: str
    target: str
    label: str = ""
    style: Literal["call", "use"] = "use"
    """``call``: traffic of callers takes this way; ``use``: everything else."""


@dataclass(frozen=True)
class Graph:
    """One picture."""

    title: str
    nodes: Sequence[Node]
    groups: Sequence[Group]
    edges: Sequence[Arrow]
    downwards: bool = False
    """Calls lead down the page instead of to the right, for pictures that are one long chain."""

    def text(self) -> str:
        """Return the graph a line an item, sorted: what tests compare and people review."""
        lines = [f"graph {self.title}"]
        lines += [f"group {g.id} [{g.style}] in {g.parent or '-'}: {g.title}" for g in self.groups]
        lines += [
            f"node {n.id} in {n.group or '-'}: {n.title}{f' ({n.detail})' if n.detail else ''} x{n.count}"
            for n in self.nodes
        ]
        lines += [f"edge {e.source} -> {e.target} [{e.style}] {e.label}".rstrip() for e in self.edges]
        return "\n".join(line.replace("\n", "; ") for line in lines) + "\n"
