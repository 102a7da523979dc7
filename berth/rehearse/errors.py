"""What ends a rehearsal; each error's text is all a user needs to read."""

from __future__ import annotations

from collections.abc import Sequence

from berth.errors import BerthError


class RehearsalError(BerthError):
    """The rehearsal could not be carried through; its text is printed without a traceback."""

    exit_code: int = 1


class RehearsalInterrupted(RehearsalError):
    """A signal ended the rehearsal; what it had made is removed by the time this is seen."""

    def __init__(self, signal_number: int, signal_name: str) -> None:
        """Say which signal it was; the exit code follows the shells' convention."""
        super().__init__(f"the rehearsal was ended by {signal_name}; everything it had made is removed")
        self.exit_code = 128 + signal_number


class RehearsalFailed(RehearsalError):
    """The workload was rehearsed and something is not as promised; the summary, printed by then, says what."""

    def __init__(self, stack: str, broken: Sequence[str]) -> None:
        """Keep what is broken, one line each, and count it in the text."""
        things = "one thing is" if len(broken) == 1 else f"{len(broken)} things are"
        super().__init__(f"the rehearsal of {stack!r} failed: {things} not as promised, see above")
        self.broken = tuple(broken)
