"""The commands that look at a Plan in other ways than ``preview`` does."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from berth.command import (
    EXIT_CODES,
    VIOLATED,
    Debug,
    Directory,
    PolicyConfig,
    Stack,
    errors_explained,
    planned,
    terminal,
    write,
)
from berth.config import find_root

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Markdown = Annotated[bool, typer.Option("--markdown", help="Print a comment for a pull request.")]


def diff(
    stack: Stack,
    base: Annotated[str, typer.Option("--base", metavar="REV", help="What to compare with: anything git knows.")],
    json: Json = False,
    markdown: Markdown = False,
    policy_config: PolicyConfig = None,
    directory: Directory = Path(),
    debug: Debug = False,
) -> None:
    """Show what the working tree changes in STACK since REV.

    Compares two programs, not a program with what is deployed: what is created, changed, replaced
    and deleted, and which findings are new or cured.
    """
    if json and markdown:
        raise typer.BadParameter("--json and --markdown exclude each other.")
    with errors_explained(debug):
        root = find_root(directory)
        from berth import difference

        before = difference.base_at(stack, root, base, policy_config)
        plan, judgement = planned(stack, root, policy_config)
        comparison = difference.compared(before, plan, judgement.violations)
        if json:
            write(difference.dumps(comparison))
        elif markdown:
            write(difference.markdown(comparison))
        else:
            terminal().print(difference.terminal(comparison))
        if comparison.findings.stops:
            raise typer.Exit(VIOLATED)


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command(epilog=EXIT_CODES.replace("is violated", "is newly violated"))(diff)
