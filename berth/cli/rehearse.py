"""``berth rehearse``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from berth.cli.options import VIOLATED, Directory, PolicyConfig, Stack, collector_paused, planned
from berth.config import find_root
from berth.move.steps import STEPS, parse_steps


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
    move_to: Annotated[
        str | None,
        typer.Option(
            "--move-to",
            metavar="BERTH",
            help="Move all services to this berth under load, step by step, and then stop those they leave.",
        ),
    ] = None,
    steps: Annotated[
        str, typer.Option("--steps", metavar="PERCENT,...", help="The new berth's shares, the last one 100.")
    ] = STEPS,
    clients: Annotated[
        int, typer.Option("--clients", min=1, max=64, help="Requests at once at most, during the move.")
    ] = 8,
    requests: Annotated[
        int, typer.Option("--requests", min=100, help="How many are made at least, as many at each step.")
    ] = 5000,
    kill_at: Annotated[
        int | None,
        typer.Option("--kill-at", metavar="PERCENT", help="Kill the new berth at this step, and go back to 0."),
    ] = None,
    policy_config: PolicyConfig = None,
    directory: Directory = Path(),
) -> None:
    """Run STACK's services on this machine, as planned, beside a real PostgreSQL.

    Judges the Plan first and stops at a mandatory violation.
    """
    if keep and clean:
        raise typer.BadParameter("--keep and --clean exclude each other.")
    if move_to and (keep or clean):
        raise typer.BadParameter(
            "--move-to ends with what it has stopped: neither --keep nor --clean stands beside it."
        )
    if kill_at is not None and not move_to:
        raise typer.BadParameter("--kill-at needs --move-to.")
    from berth.render.terminal import console as terminal
    from berth.render.terminal import show

    console = terminal()
    if clean:
        from berth.rehearse import clean as remove

        remove(stack, console=console)
        return
    root = find_root(directory)  # what was left running needs no project to be removed
    percentages = parse_steps(steps)
    before, instead = _start(stack, root, move_to) if move_to else ({}, None)
    plan, judgement = planned(stack, root, policy_config, instead)
    from berth.views.plan_view import policies

    show([policies(plan, judgement.violations, judgement.rules, judgement.resources)])
    if judgement.stops:
        raise typer.Exit(VIOLATED)
    # Only now: it brings in the program's packages, which must be those of the project.
    from berth.rehearse import Move, Options, run
    from berth.rehearse.given import assignments, read_secrets

    options = Options(
        environment=assignments(env or ()),
        secrets=read_secrets(secrets) if secrets else {},
        moves=[Move(before, move_to, percentages, clients, requests, kill_at=kill_at)] if move_to else [],
    )
    # What is not as promised is raised, with an exit code of its own.
    run(plan, keep=keep, console=console, project_root=root, options=options)


def _start(stack: str, root: Path, move_to: str) -> tuple[Mapping[str, int], Mapping[str, object]]:
    """Return the weights that a move starts from, and the config with the new berth beside the others."""
    with collector_paused():
        from berth.move.start import start
        from berth.record import record_plan

        return start(record_plan(stack, root), move_to)
