"""What one rehearsal makes and removes: names of its own, a lock, and an end that also comes with a signal."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from berth.rehearse.errors import RehearsalError, RehearsalInterrupted
from berth.rehearse.podman import Podman
from berth.rehearse.proc import PROC

LABEL = "io.berth.rehearsal"
"""Carried by every container and pod of a rehearsal; its value is the stack."""
REMOVAL_ATTEMPTS = 10
REMOVAL_PAUSE = 0.5
STAND_IN = b"\0berth.rehearse.drivers.lambda_.standin\0"
"""What the stand-in of a function's callers is started by."""
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def prefix(stack: str) -> str:
    """Return what every name of a stack's rehearsal starts with; no other stack's name starts so.

    Args:
        stack: The stack's name, which may hold characters that a container's name may not.
    """
    slug = re.sub(r"[^a-z0-9]+", "-", stack.lower()).strip("-")[:20].strip("-")
    return f"berth-{slug}-{hashlib.sha256(stack.encode()).hexdigest()[:6]}-"


def proxies(prefix: str) -> list[str]:
    """Return this user's haproxies whose command line names a file of this prefix."""
    found = []
    for entry in PROC.glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (entry / "cmdline").read_bytes()
            named = f"/{prefix}".encode() in command
            own = (entry / "comm").read_text() == "haproxy\n" or STAND_IN in command
            if named and own and entry.stat().st_uid == os.getuid():
                found.append(entry.name)
    return found


@contextlib.contextmanager
def _lock(name: str, wait: bool) -> Iterator[bool]:
    """Hold a lock of this user's; yield False if it is held elsewhere and not to be waited for."""
    folder = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
    path = folder / f"{name}{os.getuid()}.lock"
    while True:
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                yield False
                return
            # Its last holder removes the file: then this is a lock on a file that nobody else will find.
            if not path.exists() or path.stat().st_ino != os.fstat(descriptor).st_ino:
                continue
            try:
                yield True
            finally:
                path.unlink(missing_ok=True)
            return
        finally:
            os.close(descriptor)


@contextlib.contextmanager
def one_at_a_time(what: str) -> Iterator[None]:
    """Let rehearsals of different stacks take turns, so that an image they share is made once."""
    with _lock(f"berth-{what}-", wait=True):
        yield


class Signalled(BaseException):
    """A signal came; like KeyboardInterrupt nothing but the end of the rehearsal catches it."""

    def __init__(self, number: int) -> None:
        """Keep which signal it was."""
        self.number = number


class Session:
    """One stack's rehearsal on this machine."""

    def __init__(self, podman: Podman, stack: str) -> None:
        """Name it.

        Args:
            podman: Knows what there is.
            stack: The stack's name.
        """
        self._podman = podman
        self.stack = stack
        self.prefix = prefix(stack)
        self.labels = {LABEL: stack}

    def name(self, part: str) -> str:
        """Return a name that belongs to this rehearsal alone."""
        return self.prefix + part

    @property
    def label_options(self) -> list[str]:
        """Options that label a container or pod."""
        return [f"--label={key}={value}" for key, value in self.labels.items()]

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep a second rehearsal of the same stack out.

        Raises:
            RehearsalError: Another one is under way.
        """
        with _lock(self.prefix, wait=False) as free:
            if not free:
                raise RehearsalError(f"another rehearsal of {self.stack!r} is under way; wait for its end")
            yield

    def leftovers(self) -> dict[str, list[str]]:
        """Return what there is of this stack's rehearsal, by kind."""
        commands = {
            "pod": ("pod", "ps", "--format={{.Name}}"),
            "container": ("ps", "--all", "--format={{.Names}}"),
            "secret": ("secret", "ls", "--format={{.Name}}"),
            "volume": ("volume", "ls", "--format={{.Name}}"),
        }
        found = {}
        for kind, command in commands.items():
            names = [line.strip() for line in self._podman.lines(*command)]
            if mine := [name for name in names if name.startswith(self.prefix)]:
                found[kind] = mine
        if pids := proxies(self.prefix):
            found["process"] = pids
        return found

    def remove(self) -> list[str]:
        """Remove everything of this stack's rehearsal; return what is still there.

        Tried several times: a container that podman was just making when it was ended first has to become one.
        """
        for _ in range(REMOVAL_ATTEMPTS):
            found = self.leftovers()
            if not found:
                return []
            if pods := found.get("pod"):
                self._podman.attempt("pod", "rm", "--force", "--time=0", *pods)
            # What belongs to no pod, or to one that podman lost.
            for name in self.leftovers().get("container", []) if "container" in found else []:
                self._podman.attempt("rm", "--force", "--time=0", "--volumes", name)
            for pid in found.get("process", []):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGTERM)
            for kind in ("secret", "volume"):
                for name in found.get(kind, []):
                    self._podman.attempt(kind, "rm", name)
            if self.leftovers():
                time.sleep(REMOVAL_PAUSE)
        return [f"{kind} {name}" for kind, names in self.leftovers().items() for name in names]


def shield() -> None:
    """From here on let no signal stop the removal; undone at the end of ``signals_end_it``."""
    if threading.current_thread() is threading.main_thread():
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)


@contextlib.contextmanager
def signals_end_it() -> Iterator[None]:
    """Turn signals into the end of the block, so that what was made is removed; only in the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, _: FrameType | None) -> None:
        shield()
        raise Signalled(number)

    before = {number: signal.signal(number, end) for number in SIGNALS}
    try:
        yield
    except Signalled as signalled:
        raise RehearsalInterrupted(signalled.number, signal.Signals(signalled.number).name) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
