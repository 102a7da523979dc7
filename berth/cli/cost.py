"""``berth cost``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from berth.cli.options import Json, Markdown, Stacks, collector_paused, write
from berth.cost.usage import Usage


def cost(
    stacks: Stacks,
    root: Path,
    load: Usage,
    sources: Annotated[bool, typer.Option("--sources", help="Print where each price is from.")] = False,
    json: Json = False,
    markdown: Markdown = False,
) -> None:
    """Estimate what each STACK costs a month, side by side for the same load."""
    from berth.cost import run
    from berth.cost.estimate_json import estimates_text
    from berth.cost.estimate_view import sections

    with collector_paused():
        results = run.estimates(stacks, root, load)
    if json:
        write(estimates_text(results))
    elif markdown:
        from berth.render.markdown import body

        write(body(sections(results)))
    else:
        from berth.render.terminal import show

        # Of several stacks the table says enough on a terminal.
        show(sections(results, sources), folded=len(results) == 1)
