"""Removes what a node leaves on this machine, whenever and however its parent ends.

    python -m tests.cluster.node.janitor FIRST

waits for the end of its standard input, a pipe whose other end only the parent holds, then cleans up. The kernel has
ended the node's processes by then, or is told to; mounts and network go with them. What stays are folders, cgroups,
and a container of podman's.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from . import addresses
from .machine import find

STATE_PREFIX = "berth-cluster-"
DATABASE = "berth-cluster-postgres"
"""Name of the database's container."""
DATABASE_SECRETS = (f"{DATABASE}-admin", f"{DATABASE}-setup")
CGROUPS = Path("/sys/fs/cgroup")
PATIENCE = 20.0


def kill(first: int) -> None:
    """End the node's first process, and with it all others; return when it is gone."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(first, signal.SIGKILL)
    deadline = time.monotonic() + PATIENCE
    while Path(f"/proc/{first}").exists() and not _is_zombie(first) and time.monotonic() < deadline:
        time.sleep(0.05)


def _is_zombie(pid: int) -> bool:
    """Return whether a process has ended and its parent has not noticed."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def cgroups() -> list[Path]:
    """Return the node's cgroup in each hierarchy that has one; with cgroup v2 there is one hierarchy."""
    return [path for path in (CGROUPS / addresses.CGROUP, *CGROUPS.glob(f"*/{addresses.CGROUP}")) if path.is_dir()]


def remove_cgroups() -> None:
    """Remove the node's cgroups, the innermost first."""
    deadline = time.monotonic() + PATIENCE
    while (left := cgroups()) and time.monotonic() < deadline:
        for top in left:
            for folder, _, _ in os.walk(top, topdown=False):
                # Busy for a moment after its last process; gone where two names are one hierarchy.
                with contextlib.suppress(OSError):
                    os.rmdir(folder)
        time.sleep(0.05)


def states() -> list[Path]:
    """Return the folders of nodes."""
    return sorted(Path(tempfile.gettempdir()).glob(f"{STATE_PREFIX}*"))


def leftovers() -> list[str]:
    """Return what there is of any node on this machine."""
    found = [f"cgroup {path}" for path in cgroups()] + [f"folder {path}" for path in states()]
    if Path(f"/sys/class/net/{addresses.LINK}").exists():
        found.append(f"network interface {addresses.LINK}")
    for kind, command in {
        "container": ["podman", "ps", "--all", "--format={{.Names}}"],
        "secret": ["podman", "secret", "ls", "--format={{.Name}}"],
    }.items():
        output = subprocess.run(command, capture_output=True, text=True, check=False)
        found += [f"{kind} {name}" for name in output.stdout.split() if name.startswith(DATABASE)]
    return found


def clean() -> None:
    """Remove everything of nodes whose processes have ended; only one runs at a time, so there is no other."""
    for command in (
        ["podman", "rm", "--force", "--ignore", "--time=0", "--volumes", DATABASE],
        *(["podman", "secret", "rm", name] for name in DATABASE_SECRETS),
        # A network namespace outlives its last process for a moment, and the link with it.
        [find("ip") or "ip", "link", "delete", addresses.LINK],
    ):
        subprocess.run(command, capture_output=True, check=False)
    remove_cgroups()
    for state in states():
        shutil.rmtree(state, ignore_errors=True)


def main(first: str) -> None:
    """Wait for the parent's end, then clean up after it."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sys.stdin.buffer.read()
    kill(int(first))
    clean()


if __name__ == "__main__":
    main(*sys.argv[1:])
