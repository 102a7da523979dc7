"""What the commands share: their options, their errors, and how a stack is planned and judged."""

from __future__ import annotations

import contextlib
import gc
import inspect
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, get_type_hints

import typer

from berth.config import find_root
from berth.cost.usage import Usage, decimal_option
from berth.errors import BerthError, ProgramError
from berth.views.losses import ACCEPT, VARIABLE

if TYPE_CHECKING:
    from berth.judgement import Judgement
    from berth.plan import Plan

VIOLATED: Final = 1
"""Exit code: a mandatory policy is violated, data is lost that was not accepted, or the rehearsal failed."""
UNUSABLE: Final = 2
"""Exit code: there is no Plan, since the config cannot be used or the program failed."""
INTERRUPTED: Final = 130
"""Exit code: Ctrl-C, as a shell reports it."""

EXIT_CODES: Final = "Exit code: 0 fine, 1 a mandatory policy is violated, 2 the config cannot be used."
LOSS_EXIT_CODES: Final = EXIT_CODES.replace("violated,", "violated, or data is lost that was not accepted,")

Stack = Annotated[
    str, typer.Argument(help="The stack: the part of Pulumi.STACK.yaml between the dots.", show_default=False)
]
Stacks = Annotated[list[str], typer.Argument(help="One stack or several.", show_default=False)]
PolicyConfig = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="The policies' levels and settings: the JSON that --policy-pack-config takes.",
        show_default=False,
    ),
]
AcceptDataLoss = Annotated[
    list[str] | None,
    typer.Option(
        ACCEPT,
        metavar="NAME",
        envvar=VARIABLE,
        help="Let this loss of data pass, by the name that it is reported under; may be given again.",
        show_default=False,
    ),
]
Output = Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="Where to write.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Markdown = Annotated[bool, typer.Option("--markdown", help="Print a comment for a pull request.")]
Directory = Annotated[
    Path, typer.Option("--directory", "-C", help="Where the Pulumi project is; its parents are searched too.")
]
_Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]


def command(run: Callable[..., None]) -> Callable[..., None]:
    """Return ``run`` as a command with the common options, whose errors are explained.

    The parameter ``root`` becomes ``--directory``, ``load`` the options of a month's load; ``json`` and ``markdown``
    exclude each other.
    """
    hints = get_type_hints(run, include_extras=True)
    kept = [one.replace(annotation=hints[name]) for name, one in inspect.signature(run).parameters.items()]
    names = [one.name for one in kept]
    kept = [one for one in kept if one.name not in ("root", "load")]
    # Before the formats: the question before the answer.
    kept[1:1] = _load() if "load" in names else []
    kept += [_option("directory", Directory, Path())] if "root" in names else []
    kept += [_option("debug", _Debug, False)]

    def explained(debug: bool = False, **values: Any) -> None:
        if values.get("json") and values.get("markdown"):
            raise typer.BadParameter("--json and --markdown exclude each other.")
        with errors_explained(debug):
            if "root" in names:
                values["root"] = find_root(values.pop("directory"))
            if "load" in names:
                values["load"] = Usage(**{one.name: values.pop(one.name) for one in fields(Usage)})
            run(**values)

    signature = inspect.Signature(kept)
    explained.__signature__ = signature  # type: ignore[attr-defined]
    explained.__annotations__ = {one.name: one.annotation for one in signature.parameters.values()}
    explained.__name__, explained.__doc__ = run.__name__, run.__doc__
    return explained


def _option(name: str, kind: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default, annotation=kind)


def _load() -> Iterator[inspect.Parameter]:
    """Yield the options that say a month's load, a field of Usage each."""
    hints = get_type_hints(Usage)
    for one in fields(Usage):
        number: dict[str, Any] = {"parser": decimal_option, "metavar": "NUMBER"} if hints[one.name] is Decimal else {}
        default = one.metadata.get("default") or f"{one.default:{'f' if number else ''}}"
        option = typer.Option(help=f"{one.metadata['help']} [{default}]", show_default=False, **number)
        yield _option(one.name, Annotated[hints[one.name], option], one.default)


def planned(
    stack: str, root: Path, policy_config: Path | None, instead: Mapping[str, Any] | None = None
) -> tuple[Plan, Judgement]:
    """Record a stack's Plan and judge it, with other values ``instead`` of some of its config's."""
    with collector_paused():
        from berth.record import record_plan

        plan = record_plan(stack, root, instead)
        from berth.judgement import judge_plan

        return plan, judge_plan(plan, root, policy_config)


@contextlib.contextmanager
def collector_paused() -> Iterator[None]:
    """Pause the garbage collector while the providers' SDKs are imported, and never look at their classes again.

    They define thousands and free nothing: without the collector a preview takes a third less time, and no more memory.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def write(text: str) -> None:
    """Write text whose bytes must not depend on the terminal."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode())
    sys.stdout.buffer.flush()


@contextlib.contextmanager
def errors_explained(debug: bool) -> Iterator[None]:
    """Turn every error into its text and an exit code."""
    try:
        yield
    except KeyboardInterrupt:
        typer.echo("Interrupted.", err=True)
        raise typer.Exit(INTERRUPTED) from None
    except BerthError as error:
        _complain(str(error), debug, hint=isinstance(error, ProgramError))
        raise typer.Exit(error.exit_code) from error
    except (typer.Exit, typer.BadParameter):
        raise  # Typer's own: it prints the usage beside the error, and exits with 2
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
