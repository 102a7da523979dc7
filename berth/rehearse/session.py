"""What one rehearsal makes and removes: names of its own, a lock, and an end that also comes with a signal."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import signal
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from berth.rehearse.errors import RehearsalError, RehearsalInterrupted
from berth.rehearse.podman import Podman

LABEL = "io.berth.rehearsal"
"""Carried by every container and pod of a rehearsal; its value is the stack."""
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def prefix(stack: str) -> str:
    """Return what every name of a stack's rehearsal starts with; no other stack's name starts so.

    Args:
        stack: The stack's name, which may hold characters that a container's name may not.
    """
    slug = re.sub(r"[^a-z0-9]+", "-", stack.lower()).strip("-")[:20].strip("-")
    return f"berth-{slug}-{hashlib.sha256(stack.encode()).hexdigest()[:6]}-"


def _lock_file(name: str) -> int:
    """Open this user's lock file of a name."""
    folder = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
    flags = os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC
    return os.open(folder / f"{name}{os.getuid()}.lock", flags, 0o600)


@contextlib.contextmanager
def one_at_a_time(what: str) -> Iterator[None]:
    """Let rehearsals of different stacks take turns, so that an image they share is made once."""
    descriptor = _lock_file(f"berth-{what}-")
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


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
        descriptor = _lock_file(self.prefix)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise RehearsalError(f"another rehearsal of {self.stack!r} is under way; wait for its end") from None
            yield
        finally:
            os.close(descriptor)

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
        return found

    def remove(self) -> list[str]:
        """Remove everything of this stack's rehearsal; return what is still there."""
        found = self.leftovers()
        for name in found.get("pod", []):
            self._podman.attempt("pod", "rm", "--force", "--time=0", name, timeout=60)
        # Containers that belong to no pod, or to one that podman lost.
        if "container" in found:
            found = self.leftovers()
        for name in found.get("container", []):
            self._podman.attempt("rm", "--force", "--time=0", "--volumes", name, timeout=60)
        for kind in ("secret", "volume"):
            for name in found.get(kind, []):
                self._podman.attempt(kind, "rm", name)
        return [f"{kind} {name}" for kind, names in self.leftovers().items() for name in names]

    def kept_url(self) -> str | None:
        """Return the address of a rehearsal that was left up, None if there is none."""
        for pod in self.leftovers().get("pod", []):
            output = self._podman.attempt("pod", "inspect", pod)
            if output.status:
                continue
            inspected = json.loads(output.out)
            config = (inspected[0] if isinstance(inspected, list) else inspected).get("InfraConfig") or {}
            for bindings in (config.get("PortBindings") or {}).values():
                for binding in bindings or []:
                    return f"http://{binding['HostIp']}:{binding['HostPort']}"
        return None


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
