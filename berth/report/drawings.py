"""The section of a report with a stack's diagrams."""

from __future__ import annotations

from pathlib import Path

from berth import diagrams
from berth.diagrams.dot import GraphvizError
from berth.plan import Plan
from berth.report.model import Content, Section, Svg


def drawings(plan: Plan, root: Path) -> Section:
    """Return the diagrams of a stack; without Graphviz, a word on what to install."""
    file = diagrams.flows_file(plan, root)
    parts: list[Content] = []
    problem = ""
    try:
        for kind in diagrams.KINDS:
            parts.append(Svg(diagrams.svg(plan, kind), f"{plan.stack}: {kind}"))
        for flow in diagrams.load(plan, file) if file else ():
            parts.append(Svg(diagrams.flow_svg(flow), f"{plan.stack}: {flow.title}"))
    except GraphvizError as error:
        problem = str(error)
        parts.append(problem)
    markdown = None if problem else "In the report's page."
    return Section("diagrams", "Diagrams", parts, markdown=markdown, problem=problem)
