"""Commands of this machine that reach what runs: ``aws`` and ``kubectl``."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from typing import Final

from berth.live.errors import LiveError
from berth.live.place import Access

SOURCES: Final[Mapping[str, str]] = {
    "aws": "https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html",
    "kubectl": "https://kubernetes.io/docs/tasks/tools/",
    "session-manager-plugin": "https://docs.aws.amazon.com/systems-manager/latest/userguide/"
    "session-manager-working-with-install-plugin.html",
}
"""Commands, and the page that says how to install them."""

_CREDENTIALS: Final = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


def require(*names: str) -> None:
    """Make sure that commands are there.

    Raises:
        LiveError: One is not on the PATH; the text says where to get each that is missing.
    """
    missing = [name for name in names if shutil.which(name) is None]
    if missing:
        raise LiveError("\n".join(f"{name} is not installed, or not on the PATH: {SOURCES[name]}" for name in missing))


def environment(access: Access) -> dict[str, str]:
    """Return what a command is run with: the stack's profile must win over credentials of the environment."""
    kept = dict(os.environ)
    if access.profile:
        for name in _CREDENTIALS:
            kept.pop(name, None)
    return kept


def answer(command: Sequence[str], access: Access, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    """Run a command and return what it says; nothing is read from the terminal.

    Raises:
        LiveError: It does not end within ``timeout`` seconds.
    """
    try:
        return subprocess.run(
            command,
            env=environment(access),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise LiveError(f"{' '.join(command[:3])} did not answer within {timeout:.0f} seconds.") from error


def on_terminal(command: Sequence[str], access: Access, *, complaints: bool = False) -> tuple[int, str]:
    """Run a command that has the terminal for itself, Ctrl-C included; return its exit code, and what it complained of.

    Args:
        command: its words.
        access: how AWS is asked.
        complaints: whether its standard error is kept from the terminal and returned.
    """
    # Not SIG_IGN, which the command would inherit.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        stderr = subprocess.PIPE if complaints else None
        done = subprocess.run(command, env=environment(access), stderr=stderr, text=True, check=False)
        return done.returncode, (done.stderr or "").strip()
    finally:
        signal.signal(signal.SIGINT, before)
