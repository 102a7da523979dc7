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
    env: Annotated[
        list[str] | None,
        typer.Option(
            "--env",
            metavar="[SERVICE.]NAME=VALUE",
            help="A variable's value in place of the planned one; several times. 10.0.2.2 is this machine's loopback.",
        ),
    ] = None,
    secrets: Annotated[
        Path | None,
        typer.Option(
            "--secrets",
            metavar="FILE",
            help="Values of secrets that lie in AWS, a line each: [SERVICE.]NAME=VALUE, or a file's path as the name."
            " Without one a random value stands in.",
        ),
    ] = None,
    policy_config: PolicyConfig = None,
    directory: Directory = Path(),
) -> None:
    """Run STACK's services on this machine, as planned, beside a real PostgreSQL.

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
    # Only now: it brings in the program's packages, which must be those of the project.
    from berth.rehearse import Options, run
    from berth.rehearse.given import assignments, read_secrets

    options = Options(environment=assignments(env or ()), secrets=read_secrets(secrets) if secrets else {})
    # What is not as promised is raised, with an exit code of its own.
    run(plan, keep=keep, console=console, project_root=root, options=options)
