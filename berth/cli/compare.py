"""``berth compare``."""

from __future__ import annotations

from pathlib import Path

from berth.cli.options import Json, Markdown, PolicyConfig, Stacks, collector_paused, write
from berth.cost.usage import Usage


def compare(
    stacks: Stacks,
    root: Path,
    load: Usage,
    json: Json = False,
    markdown: Markdown = False,
    policy_config: PolicyConfig = None,
) -> None:
    """Compare STACKS: size, findings, price, minutes of `up`, and what each berth cannot do."""
    from berth.cost import run
    from berth.cost.candidates_view import sections
    from berth.cost.estimate_json import candidates_text

    with collector_paused():
        candidates = run.candidates(stacks, root, load, policy_config)
    if json:
        write(candidates_text(candidates))
    elif markdown:
        from berth.render.markdown import body

        write(body(sections(candidates)))
    else:
        from berth.render.terminal import show

        show(sections(candidates))
