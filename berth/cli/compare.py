"""``berth compare``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from berth.cli.options import Json, Markdown, PolicyConfig, Stacks, collector_paused, terminal, write

if TYPE_CHECKING:
    from berth.cost import Usage


def compare(
    stacks: Stacks,
    root: Path,
    load: Usage,
    json: Json = False,
    markdown: Markdown = False,
    policy_config: PolicyConfig = None,
) -> None:
    """Compare STACKS: size, findings, price, minutes of `up`, and what each backend cannot do."""
    from berth.cost import comparison_views, run

    with collector_paused():
        result = run.comparison(stacks, root, load, policy_config)
    if json:
        write(comparison_views.dumps(result))
    elif markdown:
        write(comparison_views.markdown(result))
    else:
        terminal().print(comparison_views.table(result))
