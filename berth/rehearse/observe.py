"""Looks at containers from outside: the host's ``/proc`` of every process that a container has."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path

from berth.rehearse import touch
from berth.rehearse.checks import Observation
from berth.rehearse.errors import RehearsalError
from berth.rehearse.podman import Podman
from berth.rehearse.proc import PROC, IdMap, Process, all_parents, descendants, parse_mounts, parse_status

# Until the run time has become the container's own program, /proc shows the run time's rights.
RUNTIME_COMMANDS = frozenset({"runc", "runc:[2:INIT]", "runc:[1:CHILD]", "crun", "conmon", "3", "5", "6"})


def main_pid(podman: Podman, container: str) -> int:
    """Return the host's pid of a container's main process, 0 if it does not run."""
    output = podman.attempt("inspect", "--format={{.State.Pid}}", container)
    text = output.out.strip()
    return int(text) if output.status == 0 and text.isdigit() else 0


def process_of(pid: int, root: Path = PROC) -> Process:
    """Return a process.

    Raises:
        OSError: It has ended.
        ValueError: It ended meanwhile.
    """
    folder = root / str(pid)
    uid_map, gid_map = (IdMap.parse((folder / name).read_text()) for name in ("uid_map", "gid_map"))
    return parse_status((folder / "status").read_text(), uid_map, gid_map)


def processes(pid: int, root: Path = PROC) -> list[Process]:
    """Return a process and all its descendants; those that end meanwhile are left out."""
    found = []
    for member in descendants(pid, all_parents(root)):
        with contextlib.suppress(OSError, ValueError):
            found.append(process_of(member, root))
    return found


def observe(podman: Podman, container: str, writable: Sequence[str] | None, root: Path = PROC) -> Observation | None:
    """Look at a running container.

    Args:
        podman: Knows the container's main process.
        container: Its name.
        writable: Paths in which its own user is to create a file; None to leave that out.
        root: Where the kernel's account is.

    Returns:
        What was seen; None if the container does not run, or does not run its own program yet.
    """
    pid = main_pid(podman, container)
    if not pid:
        return None
    try:
        mounts = parse_mounts((root / str(pid) / "mountinfo").read_text())
    except OSError:
        return None
    seen = processes(pid, root)
    if not seen or any(process.command in RUNTIME_COMMANDS for process in seen):
        return None
    written = None
    if writable is not None:
        main = next((process for process in seen if process.pid == pid), seen[0])
        written = writable_by(podman, main, ("/", *writable))
    return Observation(tuple(seen), tuple(mounts), written)


def writable_by(podman: Podman, process: Process, paths: Sequence[str]) -> tuple[str, ...] | None:
    """Return in which of these paths of its own file system a process's user can create a file; None if it has ended.

    Tried from outside: nothing is run in the container, whose image may hold no shell.

    Raises:
        RehearsalError: It could not be tried.
    """
    ids = (str(process.pid), str(process.uids[0]), str(process.gids[0]), ",".join(map(str, process.groups)))
    output = podman.as_containers_root(sys.executable, "-I", "-S", touch.__file__, *ids, *paths)
    answers = output.out.splitlines()
    if len(answers) != len(paths):
        if not (PROC / str(process.pid)).exists():
            return None
        raise RehearsalError(f"no file can be tried in {process.command} (pid {process.pid}): {output.last_error}")
    return tuple(path for path, answer in zip(paths, answers, strict=True) if answer == touch.WRITTEN)


def require_local(podman: Podman) -> None:
    """Refuse where containers run on a machine whose ``/proc`` is not here.

    Raises:
        RehearsalError: podman is remote, as on macOS.
    """
    if podman.remote or not PROC.joinpath("self/status").is_file():
        raise RehearsalError(
            "podman runs its containers on another machine, so they cannot be looked at from outside\n"
            "  run berth on that machine (podman machine ssh)"
        )
