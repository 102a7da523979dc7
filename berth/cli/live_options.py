"""What the commands share that ask what runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from berth.cli.options import collector_paused
from berth.live.duration import duration

if TYPE_CHECKING:
    from berth.plan import Plan

LIVE_EXIT_CODES: Final = "Exit code: 0 fine, 2 it cannot be found out: no credentials, a wrong name, not up."

Service = Annotated[str, typer.Argument(help="The service, as berth:services names it.", show_default=False)]
AnyService = Annotated[
    str | None, typer.Argument(help="One service, as berth:services names it; all without it.", show_default=False)
]
BerthName = Annotated[
    str | None,
    typer.Option("--berth", metavar="BERTH", help="One berth, such as ecs-fargate.", show_default=False),
]


def a_time(text: str) -> timedelta:
    """Return an option's time: ``90s``, ``15m``, ``2h``, ``3d``."""
    try:
        return duration(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def recorded(stack: str, root: Path) -> Plan:
    """Record a stack's Plan, which needs no account; nothing is judged."""
    with collector_paused():
        from berth.record import record_plan

        return record_plan(stack, root)


def note(text: str) -> None:
    """Say something beside the answer, on standard error."""
    typer.echo(text, err=True)


def print_lines(lines: Iterable[str]) -> None:
    """Print lines as they come, until whoever reads them has enough, as ``head`` has."""
    try:
        for line in lines:
            print(line, flush=True)
    except BrokenPipeError:
        # Python would complain once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit() from None
