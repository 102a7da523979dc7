"""Takes the steps of a move, one after the other, and goes back when one fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from time import monotonic, sleep
from typing import Final

from berth.errors import BerthError, ConfigError
from berth.live.aws import Aws
from berth.live.errors import LiveError
from berth.live.status_view import length
from berth.move import edge, guard
from berth.move.course import Step, back, shared
from berth.move.engine import Engine, EngineError
from berth.move.stack_file import StackFile
from berth.move.steps import WHOLE
from berth.move.watch import balancer, drain_seconds, forwards, watched
from berth.plan import Plan

POLL_SECONDS: Final = 10
READ_BACK_SECONDS: Final = 60
"""For the load balancer to say what it was told; it does so within seconds."""

Planned = Callable[[Mapping[str, int]], Plan]
"""The stack's Plan with these weights."""
Say = Callable[[str], None]


class MoveError(BerthError):
    """A step failed; what was done about it stands in the text."""

    exit_code = 1


class _StepFailedError(Exception):
    """Why a step failed."""


@dataclass(frozen=True)
class Taken:
    """One step that was taken."""

    step: Step
    up_seconds: float = 0
    bake_seconds: float = 0
    done: bool = False
    failed: str = ""
    """Why the move ended with it."""


@dataclass
class Mover:
    """One stack's move to one berth."""

    stack: str
    to: str
    before: Mapping[str, int]
    """What the stack file said when the command began."""
    file: StackFile
    planned: Planned
    engine: Engine
    aws: Aws
    bake: timedelta
    """How long each step is watched."""
    ready: timedelta
    """How long the new berth may take until it is well."""
    say: Say
    taken: list[Taken] = field(default_factory=list)

    def check(self, plan: Plan) -> None:
        """Refuse a move that cannot be watched, or that would be a release as well.

        Args:
            plan: what the stack file says now.

        Raises:
            BerthError: It is refused.
        """
        outputs = self.engine.outputs()
        if not outputs:
            raise ConfigError(
                f"The stack {self.stack} is not up, so there is nothing to move.\n"
                f"`pulumi up --stack {self.stack}` makes it; a stack that is made anew may stand at {self.to} at once."
            )
        if other := guard.other_images(plan.outputs.get("images") or {}, outputs.get("images") or {}):
            raise ConfigError(
                "A move releases nothing, and the images are not those that are up:\n"
                + "\n".join(f"  {line}" for line in other)
                + f"\nRelease first, `pulumi up --stack {self.stack}`, or go back to what is up."
            )
        if name := balancer(plan):
            edge.wrong_weights(self.aws, name, [])  # whether AWS can be asked at all

    def take(self, steps: Sequence[Step]) -> None:
        """Take steps in their order.

        Raises:
            BerthError: One is refused, and nothing was changed by it.
            MoveError: One failed; the new berth has no requests any more, where it had some.
        """
        for step in steps:
            self.say(f"→ {step}")
            self.taken.append(Taken(step))
            try:
                self._take(step)
            except _StepFailedError as error:
                self._record(failed=str(error))
                self.say(f"✗ {error}")
                self._undo(step, str(error))
            except BerthError:
                self.taken.pop()
                raise
            self._record(done=True)
            self.say(f"✓ {step}")

    def _take(self, step: Step) -> None:
        plan = self.planned(step.weights)
        try:
            if step.kind == "share":
                self._wait_until_well(plan)
            elif step.kind == "remove":
                self._drain(plan)
            self._up(step, plan)
            if step.kind == "create":
                self._wait_until_well(plan)
            elif step.kind == "share":
                self._bake(plan)
        except LiveError as error:
            # Nobody would see the new berth fail.
            raise _StepFailedError(f"Nothing says whether {self.to} is well: {error}") from error

    def _up(self, step: Step, plan: Plan) -> None:
        """Write a step's weights into the stack file, deploy it, and ask the load balancer whether it has them."""
        text = self.file.text
        self.file.write(step.weights)
        if step.kind != "back":
            try:
                changes = self._guard(step, plan)
            except BerthError:
                self.file.restore(text)
                raise
            if not changes:  # it was deployed before an interruption
                self._read_back(plan)
                return
        began = monotonic()
        try:
            self.engine.up(judged=step.kind == "create", on=step.kind == "back")
        except EngineError as error:
            # Going back, some other resource may fail again; what counts is what the load balancer has.
            if step.kind != "back":
                raise _StepFailedError(str(error)) from error
            self.say(f"! {error}")
        self._record(up_seconds=monotonic() - began)
        self._read_back(plan)

    def _guard(self, step: Step, plan: Plan) -> list[guard.Change]:
        """Return what the engine would change; it may be nothing but what the step is for.

        Raises:
            ConfigError: The engine would.
        """
        document = self.engine.preview(judged=step.kind == "create")
        if step.kind == "remove":
            # Their names as the engine has them: once the file has lost them, it is interrupted and begun again.
            others: list[Mapping[str, int]] = [{**dict.fromkeys(guard.leaving(document), 0), self.to: WHOLE}]
        else:
            others = [shared(self.before, self.to, percent).weights for percent in (0, WHOLE)]
        if step.kind == "create":
            others.append({name: weight for name, weight in step.weights.items() if name != self.to})
        may = guard.allowed((self.planned(one), plan) for one in others)
        changes = guard.changes(document)
        found = guard.unexpected(changes, may)
        if found:
            raise ConfigError(
                f"More would change than the berths' weights:\n{guard.listed(found)}\n"
                f"Release it first, `pulumi up --stack {self.stack}`, or take it back; then move. Nothing was changed."
            )
        return changes

    def _read_back(self, plan: Plan) -> None:
        name = balancer(plan)
        if name is None:
            return
        until = monotonic() + READ_BACK_SECONDS
        self.say("  asks the load balancer for its weights")
        while wrong := edge.wrong_weights(self.aws, name, forwards(plan)):
            if monotonic() > until:
                raise _StepFailedError(
                    "\n".join(wrong) + f"\nSomebody else writes its rules; `pulumi refresh --stack {self.stack}` has"
                    " the engine see it."
                )
            sleep(POLL_SECONDS)

    def _wait_until_well(self, plan: Plan) -> None:
        """Wait until each target group of the new berth has targets, all of them well, and no alarm fires."""
        seen = watched(plan, self.to)
        until = monotonic() + self.ready.total_seconds()
        said: list[str] = []
        while wrong := edge.unready(self.aws, seen):
            if wrong != said:
                self.say("  waits: " + " ".join(wrong))
                said = wrong
            if monotonic() > until:
                raise _StepFailedError(
                    f"{self.to} is not well after {self.ready.total_seconds():.0f} s: " + " ".join(wrong)
                )
            sleep(POLL_SECONDS)

    def _bake(self, plan: Plan) -> None:
        """Look at the alarms and the targets for a while."""
        seen = watched(plan, self.to)
        if not seen:
            return  # workers and jobs alone: nothing is shared
        alarms = ", ".join(name for one in seen for name in one.alarms)
        self.say(f"  watches {alarms} and the targets for {length(self.bake)}")
        began = monotonic()
        while True:
            wrong = edge.unwell(self.aws, seen)
            self._record(bake_seconds=monotonic() - began)
            if wrong:
                raise _StepFailedError("\n".join(wrong))
            left = began + self.bake.total_seconds() - monotonic()
            if left <= 0:
                return
            sleep(min(POLL_SECONDS, left))

    def _drain(self, plan: Plan) -> None:
        """Wait until what the berths that go were sent is answered: they have no weight, but may have requests."""
        seconds = drain_seconds(plan)
        self.say(f"  waits {seconds} s for the last requests")
        sleep(seconds)

    def _undo(self, step: Step, why: str) -> None:
        """Go back, and end the move.

        Raises:
            MoveError: Always.
        """
        again = f"`{command(self.stack, self.to)}`"
        if step.kind == "create":
            raise MoveError(
                f"{self.to} does not stand by, and has no requests: {why}\n"
                f"{again} goes on when that is mended. To give up, take {self.to} out of {self.file.path.name}, and"
                f" `pulumi up --stack {self.stack}`."
            )
        if step.kind == "remove":
            raise MoveError(f"{self.to} has all requests, and what is left behind is not gone: {why}\n{again} goes on.")
        if step.kind == "back":
            raise MoveError(f"Not gone back: {why}\n{self._back_command} tries again.")
        self.take([back(self.before, self.to)])
        raise MoveError(
            f"{self.to} failed at {step.percent} % and has no requests any more: {why}\n"
            f"{self.file.path.name} says so; commit it. {again} begins anew when that is mended."
        )

    @property
    def _back_command(self) -> str:
        return f"`{command(self.stack, self.to)} --back`"

    def _record(self, **values: float | str) -> None:
        self.taken[-1] = replace(self.taken[-1], **values)  # type: ignore[arg-type]


def command(stack: str, to: str) -> str:
    """Return the command that moves a stack."""
    return f"berth move {stack} --to {to}"
