"""``berth rehearse``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from berth.cli.options import VIOLATED, Directory, PolicyConfig, Stack, planned
from berth.config import find_root


def rehearse(
    stack: Stack,
    keep: Annotated[bool, typer.Option("--keep", help="Leave everything running and print the URL.")] = False,
    clean: Annotated[bool, typer.Option("--clean", help="Only remove what --keep left running.")] = False,
    policy_config: PolicyConfig = None,
    directory: Directory = Path(),
) -> None:
    """Run STACK's workload on this machine, as planned, beside a real PostgreSQL.

    Judges the Plan first and stops at a mandatory violation.
    """
    if keep and clean:
        raise typer.BadParameter("--keep and --clean exclude each other.")
    from berth.render.terminal import console as terminal
    from berth.render.terminal import show

    console = terminal()
    if clean:
        from berth.rehearse import clean as remove

        remove(stack, console=console)
        return
    root = find_root(directory)  # what was left running needs no project to be removed
    plan, judgement = planned(stack, root, policy_config)
    from berth.views.plan_view import policies

    show([policies(plan, judgement.violations, judgement.rules, judgement.resources)])
    if judgement.stops:
        raise typer.Exit(VIOLATED)
    from berth.rehearse import run

    # What is not as promised is raised, with an exit code of its own.
    run(plan, keep=keep, console=console, project_root=root)
