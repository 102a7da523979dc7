"""``berth diagrams``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from berth.cli.options import Output, Stack, collector_paused


def diagrams(
    stack: Stack,
    root: Path,
    output: Output = Path("diagrams"),
    formats: Annotated[
        list[str] | None, typer.Option("--format", help="svg, png or mermaid; may be given again. [all]")
    ] = None,
) -> None:
    """Draw STACK: the platform, the application, and each use case of the service.

    SVG and PNG need Graphviz (the command dot); Mermaid needs nothing.
    """
    from berth import diagrams as drawing
    from berth.record import record_plan

    chosen = tuple(one for one in drawing.FORMATS if formats is None or one in formats)
    if unknown := set(formats or ()) - set(drawing.FORMATS):
        raise typer.BadParameter(f"{', '.join(sorted(unknown))}: allowed are {', '.join(drawing.FORMATS)}.")
    with collector_paused():
        plan = record_plan(stack, root)
    for file in drawing.write(plan, drawing.load(plan, root), output, chosen):
        typer.echo(str(file))
