"""The section of a report with a stack's diagrams."""

from __future__ import annotations

from pathlib import Path

from berth import diagrams
from berth.diagrams.dot import GraphvizError
from berth.plan import Plan
from berth.views.section import Block, Picture, Section, Text


def drawings(plan: Plan, root: Path) -> Section:
    """Return the diagrams of a stack; without Graphviz, a word on what to install."""
    blocks: list[Block] = []
    problem = ""
    try:
        for kind in diagrams.KINDS:
            blocks.append(Picture(diagrams.svg(plan, kind), f"{plan.stack}: {kind}"))
        for flow in diagrams.load(plan, root):
            blocks.append(Picture(diagrams.flow_svg(flow), f"{plan.stack}: {flow.title}"))
    except GraphvizError as error:
        problem = str(error)
        blocks.append(Text(problem))
    return Section("Diagrams", blocks, folded=True, anchor="diagrams", problem=problem)
