"""``berth preview``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from berth.cli.options import VIOLATED, Json, Markdown, PolicyConfig, Stack, planned, terminal, write

if TYPE_CHECKING:
    from rich.console import Console

    from berth.judgement import Judgement
    from berth.plan import Plan


def preview(
    stack: Stack, root: Path, json: Json = False, markdown: Markdown = False, policy_config: PolicyConfig = None
) -> None:
    """Show what STACK would create, and what the policies say to it.

    Runs the program itself, without the Pulumi CLI, a plugin or a credential. Values that only a
    deployment can tell are unknown; secrets are masked.
    """
    plan, judgement = planned(stack, root, policy_config)
    if json:
        from berth.views.document import dumps

        write(dumps(plan, judgement.violations))
        for notice in plan.notices:  # standard output stays one JSON object
            typer.echo(f"{notice.level}: {notice.message}", err=True)
    elif markdown:
        from berth.views.markdown import markdown as to_markdown

        write(to_markdown(plan, judgement.violations))
    else:
        _show(plan, judgement, terminal())
    if judgement.stops:
        raise typer.Exit(VIOLATED)


def _show(plan: Plan, judgement: Judgement, console: Console) -> None:
    from berth.views.outputs import notices, outputs
    from berth.views.tree import tree
    from berth.views.verdicts import verdicts

    console.print(tree(plan, judgement.violations))
    console.print()
    console.print(verdicts(plan, judgement.violations, judgement.rules, judgement.resources))
    console.print()
    # A command or URL that is folded cannot be copied: the terminal itself wraps it.
    console.print(outputs(plan), soft_wrap=True)
    if plan.notices:
        console.print()
        console.print(notices(plan))
