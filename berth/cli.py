"""``berth``: what a stack would create, whether it may, and whether it runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from berth.cli_views import register
from berth.command import (
    EXIT_CODES,
    VIOLATED,
    Debug,
    Directory,
    Json,
    Markdown,
    PolicyConfig,
    Stack,
    errors_explained,
    one_format,
    planned,
    terminal,
    write,
)
from berth.config import find_root, stacks

if TYPE_CHECKING:
    from rich.console import Console

    from berth.judgement import Judgement
    from berth.plan import Plan

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"berth {version('berth')}")
        raise typer.Exit()


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Plan, judge and rehearse a stack without a cloud account."""


@app.command(epilog=EXIT_CODES)
def preview(
    stack: Stack,
    json: Json = False,
    markdown: Markdown = False,
    policy_config: PolicyConfig = None,
    directory: Directory = Path(),
    debug: Debug = False,
) -> None:
    """Show what STACK would create, and what the policies say to it.

    Runs the program itself, without the Pulumi CLI, a plugin or a credential. Values that only a
    deployment can tell are unknown; secrets are masked.
    """
    one_format(json, markdown)
    with errors_explained(debug):
        plan, judgement = planned(stack, find_root(directory), policy_config)
        if json:
            from berth.views.document import dumps

            write(dumps(plan, judgement.violations))
            _show_notices(plan)
        elif markdown:
            from berth.views.markdown import markdown as to_markdown

            write(to_markdown(plan, judgement.violations))
        else:
            _show(plan, judgement, terminal())
        if judgement.stops:
            raise typer.Exit(VIOLATED)


@app.command(epilog=EXIT_CODES.replace("violated,", "violated or it does not run,"))
def rehearse(
    stack: Stack,
    keep: Annotated[bool, typer.Option("--keep", help="Leave everything running and print the URL.")] = False,
    clean: Annotated[bool, typer.Option("--clean", help="Only remove what --keep left running.")] = False,
    policy_config: PolicyConfig = None,
    directory: Directory = Path(),
    debug: Debug = False,
) -> None:
    """Run STACK's workload on this machine, as planned, beside a real PostgreSQL.

    Judges the Plan first and stops at a mandatory violation.
    """
    if keep and clean:
        raise typer.BadParameter("--keep and --clean exclude each other.")
    with errors_explained(debug):
        if clean:
            from berth.rehearse import clean as remove

            remove(stack, console=terminal())
            return
        root = find_root(directory)
        plan, judgement = planned(stack, root, policy_config)
        console = terminal()
        from berth.views.verdicts import verdicts

        console.print(verdicts(plan, judgement.violations, judgement.rules, judgement.resources))
        if judgement.stops:
            raise typer.Exit(VIOLATED)
        from berth.rehearse import run

        # What is not as promised is raised, with an exit code of its own.
        run(plan, keep=keep, console=console, project_root=root)


@app.command(name="stacks")
def list_stacks(directory: Directory = Path(), debug: Debug = False) -> None:
    """List the stacks of this project."""
    with errors_explained(debug):
        for name in stacks(find_root(directory)):
            typer.echo(name)


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


def _show_notices(plan: Plan) -> None:
    """Keep standard output one JSON object."""
    for notice in plan.notices:
        typer.echo(f"{notice.level}: {notice.message}", err=True)


register(app)
