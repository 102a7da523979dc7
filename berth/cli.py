"""``berth``: what a stack would create, whether it may, and whether it runs.

Everything heavy (the SDK, the policies, what draws) is imported by the command that needs it:
``berth --help`` and a mistyped command answer at once.
"""

from __future__ import annotations

import contextlib
import gc
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from berth.config import find_root, stacks
from berth.errors import BerthError, ProgramError

if TYPE_CHECKING:
    from rich.console import Console

    from berth.judgement import Judgement
    from berth.plan import Plan

VIOLATED: Final = 1
"""Exit code: a mandatory policy is violated, or the rehearsal failed."""
UNUSABLE: Final = 2
"""Exit code: there is no Plan, since the config cannot be used or the program failed."""
INTERRUPTED: Final = 130
"""Exit code: Ctrl-C, as a shell reports it."""

_EXIT_CODES: Final = "Exit code: 0 fine, 1 a mandatory policy is violated, 2 the config cannot be used."

app = typer.Typer(
    help="Plan, judge and rehearse a stack without a cloud account.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Stack = Annotated[
    str, typer.Argument(help="The stack: the part of Pulumi.STACK.yaml between the dots.", show_default=False)
]
Directory = Annotated[
    Path, typer.Option("--directory", "-C", help="Where the Pulumi project is; its parents are searched too.")
]
PolicyConfig = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="The policies' levels and settings: the JSON that --policy-pack-config takes.",
        show_default=False,
    ),
]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]


@app.command(epilog=_EXIT_CODES)
def preview(
    stack: Stack,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print a comment for a pull request.")] = False,
    policy_config: PolicyConfig = None,
    directory: Directory = Path(),
    debug: Debug = False,
) -> None:
    """Show what STACK would create, and what the policies say to it.

    Runs the program itself, without the Pulumi CLI, a plugin or a credential. Values that only a
    deployment can tell are unknown; secrets are masked.
    """
    if json and markdown:
        raise typer.BadParameter("--json and --markdown exclude each other.")
    with _errors_explained(debug):
        plan, judgement = _plan(stack, find_root(directory), policy_config)
        if json:
            from berth.views.document import dumps

            _write(dumps(plan, judgement.violations))
            _show_notices(plan)
        elif markdown:
            from berth.views.markdown import markdown as to_markdown

            _write(to_markdown(plan, judgement.violations))
        else:
            _show(plan, judgement, _console())
        if judgement.stops:
            raise typer.Exit(VIOLATED)


@app.command(epilog=_EXIT_CODES.replace("violated,", "violated or it does not run,"))
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
    with _errors_explained(debug):
        if clean:
            from berth.rehearse import clean as remove

            remove(stack, console=_console())
            return
        root = find_root(directory)
        plan, judgement = _plan(stack, root, policy_config)
        console = _console()
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
    with _errors_explained(debug):
        for name in stacks(find_root(directory)):
            typer.echo(name)


def _plan(stack: str, root: Path, policy_config: Path | None) -> tuple[Plan, Judgement]:
    with _collector_paused():
        from berth.record import record_plan

        plan = record_plan(stack, root)
        from berth.judgement import judge_plan

        return plan, judge_plan(plan, root, policy_config)


@contextlib.contextmanager
def _collector_paused() -> Iterator[None]:
    """Spare the garbage collector its rounds while the providers' SDKs are imported.

    They define thousands of classes and free nothing, so every round is in vain: without them a
    preview takes a third less time and no more memory. What is there at the end stays until the
    process ends, and is not looked at again.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _console() -> Console:
    from rich.console import Console

    # A log has no width: wide enough for a message, and rich honours COLUMNS before this.
    return Console(highlight=False, width=None if sys.stdout.isatty() else 120)


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


def _write(text: str) -> None:
    """Write text whose bytes must not depend on the terminal."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode())
    sys.stdout.buffer.flush()


@contextlib.contextmanager
def _errors_explained(debug: bool) -> Iterator[None]:
    """Turn every error into its text and an exit code."""
    try:
        yield
    except KeyboardInterrupt:
        typer.echo("Interrupted.", err=True)
        raise typer.Exit(INTERRUPTED) from None
    except BerthError as error:
        _complain(str(error), debug, hint=isinstance(error, ProgramError))
        raise typer.Exit(error.exit_code) from error
    except typer.Exit:
        raise
    except Exception as error:
        # A defect of berth's own; whatever it was, it is not a verdict.
        _complain(f"{type(error).__name__}: {error}", debug, hint=True)
        raise typer.Exit(UNUSABLE) from error


def _complain(text: str, debug: bool, *, hint: bool = False) -> None:
    if debug:
        traceback.print_exc()
    typer.echo(text, err=True)
    if hint and not debug:
        typer.echo("Add --debug to see the traceback.", err=True)
