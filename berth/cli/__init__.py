"""``berth``: what a stack would create, whether it may, and whether it runs; a module a command.

A command imports what is heavy (the SDK, the policies, what draws) when it runs, so ``berth --help`` and a mistyped
command answer at once.
"""

from __future__ import annotations

from typing import Annotated

import typer

from berth.cli.compare import compare
from berth.cli.cost import cost
from berth.cli.diagrams import diagrams
from berth.cli.diff import diff
from berth.cli.import_ import import_
from berth.cli.init import init
from berth.cli.live_options import LIVE_EXIT_CODES
from berth.cli.logs import logs
from berth.cli.move import MOVE_EXIT_CODES, move
from berth.cli.options import EXIT_CODES, LOSS_EXIT_CODES, command
from berth.cli.preview import preview
from berth.cli.prices import prices
from berth.cli.rehearse import rehearse
from berth.cli.report import report
from berth.cli.run import run
from berth.cli.shell import shell
from berth.cli.stacks import list_stacks
from berth.cli.status import status

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
    """Plan, judge and rehearse a stack without a cloud account; with one, see what runs."""


app.command(epilog=EXIT_CODES)(command(init))
app.command(epilog=EXIT_CODES)(command(preview))
app.command(epilog=EXIT_CODES.replace("violated,", "violated or it does not run,"))(command(rehearse))
app.command(name="import", epilog=EXIT_CODES.replace("2 the", "2 nothing was written, since the"))(command(import_))
app.command(name="stacks")(command(list_stacks))
app.command(epilog=LOSS_EXIT_CODES.replace("is violated", "is newly violated"))(command(diff))
app.command()(command(cost))
app.command()(command(compare))
app.add_typer(prices, name="prices")
app.command()(command(diagrams))
app.command(epilog=LOSS_EXIT_CODES)(command(report))
app.command(epilog=LIVE_EXIT_CODES)(command(logs))
app.command(epilog=LIVE_EXIT_CODES.replace("fine, ", "fine, 1 something is not well, "))(command(status))
app.command(epilog=LIVE_EXIT_CODES.replace("fine,", "fine, else that of the command;"))(command(shell))
app.command(epilog=LIVE_EXIT_CODES.replace("fine,", "fine, 1 the job failed,"))(command(run))
app.command(epilog=MOVE_EXIT_CODES)(command(move))
