"""Pictures of a Plan: the platform, the application, and each use case of the service.

``mermaid`` needs nothing installed, ``svg`` and ``write`` of SVG or PNG need Graphviz. What is drawn is decided by
``build`` and ``flows``, which are pure; the renderers only draw it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final, Literal

from berth.diagrams import dot
from berth.diagrams import mermaid as text
from berth.diagrams.build import build
from berth.diagrams.flows import Flow, FlowError, load
from berth.diagrams.graph import KINDS, Graph, Kind
from berth.plan import Plan

Format = Literal["svg", "png", "mermaid"]
FORMATS: Final[tuple[Format, ...]] = ("svg", "png", "mermaid")
MARKDOWN: Final = "diagrams.md"

__all__ = [
    "FORMATS",
    "KINDS",
    "Flow",
    "FlowError",
    "Format",
    "Graph",
    "Kind",
    "build",
    "flow_mermaid",
    "flow_svg",
    "load",
    "markdown",
    "mermaid",
    "sources",
    "svg",
    "write",
]

_TITLES: Final = {"full": "Everything around the service", "application": "The application"}


def svg(plan: Plan, kind: Kind) -> str:
    """Return one picture as a self-contained SVG.

    Raises:
        GraphvizError: If Graphviz is not installed; its text says what to install.
    """
    return dot.svg(dot.source(build(plan, kind)))


def mermaid(plan: Plan, kind: Kind) -> str:
    """Return one picture as a Mermaid flowchart."""
    return text.render(build(plan, kind))


def flow_svg(flow: Flow) -> str:
    """Return a use case as a self-contained SVG.

    Raises:
        GraphvizError: If Graphviz is not installed; its text says what to install.
    """
    return dot.svg(dot.source(flow.graph))


def flow_mermaid(flow: Flow) -> str:
    """Return a use case as a Mermaid sequence diagram."""
    return text.sequence(flow.title, flow.actors, flow.steps)


def sources(plan: Plan, flows: Sequence[Flow]) -> dict[str, str]:
    """Return every picture's Graphviz source by its file's name without the ending."""
    found: dict[str, str] = {kind: dot.source(build(plan, kind)) for kind in KINDS}
    return {**found, **{f"flow-{flow.name}": dot.source(flow.graph) for flow in flows}}


def markdown(plan: Plan, flows: Sequence[Flow]) -> str:
    """Return every picture as Mermaid in one Markdown page."""
    parts = [f"# {plan.stack}\n"]
    parts += [f"## {_TITLES[kind]}\n\n```mermaid\n{mermaid(plan, kind)}```\n" for kind in KINDS]
    parts += [f"## {flow.title}\n\n```mermaid\n{flow_mermaid(flow)}```\n" for flow in flows]
    return "\n".join(parts)


def write(plan: Plan, cases: Sequence[Flow], directory: Path, formats: Collection[Format] = FORMATS) -> list[Path]:
    """Write every picture of a stack and return the files, in the order they were written.

    Args:
        plan: the stack.
        cases: the services' use cases, as ``load`` finds them.
        directory: where to; made if it does not exist.
        formats: ``svg`` and ``png`` make a file a picture, ``mermaid`` one Markdown page of all.

    Raises:
        GraphvizError: If SVG or PNG is asked for and Graphviz is not installed.
    """
    files: dict[str, bytes] = {}
    if "mermaid" in formats:
        files[MARKDOWN] = markdown(plan, cases).encode()
    for name, source in sources(plan, cases).items():
        if "svg" in formats:
            files[f"{name}.svg"] = dot.svg(source).encode()
        if "png" in formats:
            files[f"{name}.png"] = dot.png(source)
    directory.mkdir(parents=True, exist_ok=True)
    for file, content in files.items():
        (directory / file).write_bytes(content)
    return [directory / file for file in files]
