"""``berth cost``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from berth.cli.options import Json, Markdown, Stacks, collector_paused, terminal, write

if TYPE_CHECKING:
    from berth.cost import Usage


def cost(
    stacks: Stacks,
    root: Path,
    load: Usage,
    sources: Annotated[bool, typer.Option("--sources", help="Print where each price is from.")] = False,
    json: Json = False,
    markdown: Markdown = False,
) -> None:
    """Estimate what each STACK costs a month, side by side for the same load."""
    from berth.cost import document, run, views
    from berth.cost import markdown as text

    with collector_paused():
        results = run.estimates(stacks, root, load)
    if json:
        write(document.dumps(results))
    elif markdown:
        write(text.markdown(results))
    else:
        terminal().print(views.view(results, sources))
