"""``berth move``."""

from __future__ import annotations

import signal
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from berth.cli.live_options import a_time, note
from berth.cli.options import Markdown, PolicyConfig, Stack, collector_paused, write
from berth.errors import ConfigError
from berth.move.steps import STEPS, WHOLE, parse_steps

if TYPE_CHECKING:
    from berth.move.course import Step
    from berth.plan import Plan
    from berth.views.section import Section

MOVE_EXIT_CODES: Final = (
    "Exit code: 0 done, 1 a step failed and the new berth has no requests, 2 it is refused and nothing was changed."
)


def move(
    stack: Stack,
    root: Path,
    to: Annotated[
        str, typer.Option("--to", metavar="BERTH", help="Where the services move to, such as eks.", show_default=False)
    ],
    steps: Annotated[
        str, typer.Option("--steps", metavar="PERCENTS", help="The new berth's share at each step, the last one 100.")
    ] = STEPS,
    bake: Annotated[
        timedelta,
        typer.Option(
            parser=a_time,
            metavar="TIME",
            help="How long each step is watched. An alarm takes up to three minutes to see a failure.",
        ),
    ] = "5m",  # type: ignore[assignment]
    wait: Annotated[
        timedelta,
        typer.Option(parser=a_time, metavar="TIME", help="How long the new berth may take until it is well."),
    ] = "15m",  # type: ignore[assignment]
    plan: Annotated[
        bool, typer.Option("--plan", help="Only show steps, minutes and cost; needs no account, changes nothing.")
    ] = False,
    step: Annotated[
        int | None,
        typer.Option(
            "--step",
            metavar="PERCENT",
            min=0,
            max=WHOLE,
            help="Take one step, up or down; 0 only makes the new berth.",
            show_default=False,
        ),
    ] = None,
    back: Annotated[bool, typer.Option("--back", help="Give all requests back to the other berths, now.")] = False,
    finish: Annotated[bool, typer.Option("--finish", help="Remove the berths that have no requests any more.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Do not remove them at the end; --finish does, later.")] = False,
    markdown: Markdown = False,
    policy_config: PolicyConfig = None,
) -> None:
    """Move the services of STACK to another berth, step by step, without a lost request.

    The new berth is made beside the others. When it is well, it gets its share step by step: each is written into the
    stack file, deployed by `pulumi up`, read back from the load balancer, and watched. If one fails, the new berth
    gets nothing any more. At the end the old berths go. After an interruption the same command goes on: the stack file
    says from where. Needs AWS credentials and the pulumi command; tells its progress on standard error.
    """
    from berth.move.stack_file import StackFile, given_weights
    from berth.move.view import ahead, plan_sections

    planned = Plans(stack, root)
    now = planned()
    before = given_weights(now.config)
    left = _steps(stack, to, before, parse_steps(steps), step, back=back, finish=finish, keep=keep)
    for one in left:
        planned(one.weights)  # what the program refuses, it refuses before anything is done
    if plan:
        sections = plan_sections(stack, to, now, ahead(now, left, planned, bake))
        _show(stack, sections, markdown=markdown)
        return

    from berth.live.aws import Aws
    from berth.live.place import access
    from berth.move.engine import Pulumi
    from berth.move.mover import Mover, command
    from berth.move.view import summary

    file = StackFile(root, stack)
    engine = Pulumi(root, stack, policy_config)
    mover = Mover(stack, to, before, file, planned, engine, Aws(access(now)), bake, wait, note)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what ends a job in CI ends it as Ctrl-C does
    try:
        if not back:
            mover.check(now)
        mover.take(left)
    except KeyboardInterrupt:
        says = _text(given_weights(Plans(stack, root)().config))
        note(f"{file.path.name} says {says}. The same command goes on; `{command(stack, to)} --back` goes back.")
        raise
    finally:
        if mover.taken:
            result = summary(stack, to, mover.taken)
            _show(stack, [result], markdown=markdown, passed=result.mark == "ok")


class Plans:
    """A stack's Plans by its berths' weights, each recorded once."""

    def __init__(self, stack: str, root: Path) -> None:
        """Take the stack, of which nothing is recorded yet."""
        self._stack, self._root = stack, root
        self._known: dict[tuple[tuple[str, int], ...], Plan] = {}

    def __call__(self, weights: Mapping[str, int] | None = None) -> Plan:
        """Return the Plan with these weights; with those of the stack file without them."""
        from berth.move.stack_file import BACKEND, BERTHS
        from berth.record import record_plan

        key = tuple(sorted((weights or {}).items()))
        if key not in self._known:
            with collector_paused():
                instead = {BACKEND: None, BERTHS: dict(weights)} if weights else None
                self._known[key] = record_plan(self._stack, self._root, instead)
        return self._known[key]


def _steps(
    stack: str,
    to: str,
    before: Mapping[str, int],
    percents: Sequence[int],
    step: int | None,
    *,
    back: bool,
    finish: bool,
    keep: bool,
) -> list[Step]:
    """Return the steps that the options ask for.

    Raises:
        ConfigError: They make no sense with what the stack file says.
    """
    from berth.move import course

    if sum((step is not None, finish, back)) > 1:
        raise typer.BadParameter("--step, --back and --finish exclude each other.")
    others = {name: weight for name, weight in before.items() if name != to}
    says = f"Pulumi.{stack}.yaml says {_text(before)}"
    if back or step is not None:
        if not others:
            raise ConfigError(f"{to} is the only berth: {says}.")
        return [course.back(before, to)] if back else course.single(before, to, step or 0)
    if finish and (any(others.values()) or to not in before):
        raise ConfigError(f"{to} has not all requests: {says}.\nExample: berth move {stack} --to {to} --step {WHOLE}")
    return [course.removal(to)] if finish else course.course(before, to, percents, remove=not keep)


def _text(weights: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {weight}" for name, weight in weights.items())


def _show(stack: str, sections: Sequence[Section], *, markdown: bool, passed: bool = True) -> None:
    if markdown:
        from berth.render.markdown import comment

        head = sections[0]
        write(comment(f"move {stack}", passed, f"{head.title}: {head.headline}", sections))
    else:
        from berth.render.terminal import show

        show(sections)
