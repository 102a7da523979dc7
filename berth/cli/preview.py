"""``berth preview``."""

from __future__ import annotations

from pathlib import Path

import typer

from berth.cli.options import VIOLATED, Json, Markdown, PolicyConfig, Stack, planned, write


def preview(
    stack: Stack, root: Path, json: Json = False, markdown: Markdown = False, policy_config: PolicyConfig = None
) -> None:
    """Show what STACK would create, and what the policies say to it.

    Runs the program itself, without the Pulumi CLI, a plugin or a credential. Values that only a
    deployment can tell are unknown; secrets are masked.
    """
    plan, judgement = planned(stack, root, policy_config)
    if json:
        from berth.views.plan_json import dumps

        write(dumps(plan, judgement.violations))
        for notice in plan.notices:  # standard output stays one JSON object
            typer.echo(f"{notice.level}: {notice.message}", err=True)
    elif markdown:
        from berth.views.plan_view import comment

        write(comment(plan, judgement.violations, judgement.rules, judgement.resources))
    else:
        from berth.render.terminal import show
        from berth.views.plan_view import sections

        show(sections(plan, judgement.violations, judgement.rules, judgement.resources))
    if judgement.stops:
        raise typer.Exit(VIOLATED)
