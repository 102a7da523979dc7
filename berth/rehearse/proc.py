"""The kernel's own account of processes, as the host's ``/proc`` gives it: mostly parsing."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

KERNEL_PATHS = ("/dev", "/proc", "/sys")
"""Kernel interfaces that every run time mounts; not storage, and guarded by the kernel's own permissions."""
RUNTIME_FILES = frozenset({"/etc/hostname", "/etc/hosts", "/etc/resolv.conf", "/run/.containerenv", "/run/secrets"})
"""Single files that podman mounts; as writable as the root, which is judged by itself."""


@dataclass(frozen=True)
class IdMap:
    """A user namespace's mapping of ids, ``/proc/<pid>/uid_map`` or ``gid_map``."""

    ranges: tuple[tuple[int, int, int], ...]
    """(first id inside, first id outside, length)."""

    @classmethod
    def parse(cls, text: str) -> IdMap:
        """Read the three columns of the kernel's file."""
        rows = (tuple(int(part) for part in line.split()) for line in text.splitlines() if line.strip())
        return cls(tuple((row[0], row[1], row[2]) for row in rows))

    def inside(self, outside: int) -> int:
        """Return an id as the container sees it; -1 if it has none there."""
        for inner, outer, length in self.ranges:
            if outer <= outside < outer + length:
                return inner + outside - outer
        return -1


@dataclass(frozen=True)
class Process:
    """One process, as the host sees it; ids are those inside the container."""

    pid: int
    command: str
    uids: tuple[int, ...]
    """Real, effective, saved and file-system user id."""
    gids: tuple[int, ...]
    groups: tuple[int, ...]
    capabilities: Mapping[str, int]
    """Inheritable, permitted, effective, bounding and ambient set, by the kernel's name (``CapEff``)."""
    no_new_privileges: bool
    seccomp: int
    """0 none, 1 strict, 2 a filter."""


@dataclass(frozen=True)
class Mount:
    """One mount of a container."""

    path: str
    read_only: bool
    kind: str
    """File system type, e.g. ``overlay`` or ``tmpfs``."""


PROC = Path("/proc")
CAPABILITY_SETS = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")


def parse_status(text: str, uid_map: IdMap, gid_map: IdMap) -> Process:
    """Read ``/proc/<pid>/status``.

    Args:
        text: The file's text.
        uid_map: The process's user ids, to translate what the host sees under rootless podman.
        gid_map: The same for groups.

    Raises:
        ValueError: A line is missing: the process ended while it was read.
    """
    fields = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)

    def numbers(name: str) -> tuple[int, ...]:
        return tuple(int(part) for part in fields[name].split())

    try:
        return Process(
            pid=int(fields["Pid"]),
            command=fields["Name"].strip(),
            uids=tuple(uid_map.inside(uid) for uid in numbers("Uid")),
            gids=tuple(gid_map.inside(gid) for gid in numbers("Gid")),
            groups=tuple(gid_map.inside(gid) for gid in numbers("Groups")),
            capabilities={name: int(fields[name], 16) for name in CAPABILITY_SETS},
            no_new_privileges=fields["NoNewPrivs"].strip() == "1",
            seccomp=int(fields["Seccomp"]),
        )
    except KeyError as missing:
        raise ValueError(f"no line {missing} in the status of a process") from None


def parse_mounts(text: str) -> list[Mount]:
    """Read ``/proc/<pid>/mountinfo``; of mounts on top of each other the last one is what counts."""
    mounts: dict[str, Mount] = {}
    for line in text.splitlines():
        before, separator, after = line.partition(" - ")
        if not separator:
            continue
        columns = before.split(" ")
        path = re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), columns[4])
        mounts[path] = Mount(path, "ro" in columns[5].split(","), after.split(" ")[0])
    return list(mounts.values())


def writable_paths(mounts: Iterable[Mount]) -> list[str]:
    """Return the mounts below the root that can be written, without the run time's own, sorted."""

    def own(path: str) -> bool:
        kernel = any(path == top or path.startswith(f"{top}/") for top in KERNEL_PATHS)
        return not kernel and path not in RUNTIME_FILES and path != "/"

    return sorted(mount.path for mount in mounts if not mount.read_only and own(mount.path))


def parse_parent(stat: str) -> int:
    """Return the parent's pid from ``/proc/<pid>/stat``, whose second column may hold spaces and brackets."""
    return int(stat.rpartition(")")[2].split()[1])


def descendants(root: int, parents: Mapping[int, int]) -> list[int]:
    """Return a process and all that descend from it, sorted.

    Args:
        root: The container's main process; in its pid namespace orphans become its children.
        parents: Parent of every process of the host.
    """
    found = {root}
    while new := {pid for pid, parent in parents.items() if parent in found and pid not in found}:
        found |= new
    return sorted(found)


def leaves(root: int, parents: Mapping[int, int]) -> list[int]:
    """Return those descendants of a process that have no children themselves.

    Args:
        root: The process; not a leaf itself.
        parents: Parent of every process of the host.
    """
    family = set(descendants(root, parents))
    return sorted(family - {root} - {parents[pid] for pid in family if pid in parents})


def all_parents(proc: Path = PROC) -> dict[int, int]:
    """Return the parent of every process of the host; those that end meanwhile are left out."""
    parents: dict[int, int] = {}
    for entry in proc.iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                parents[int(entry.name)] = parse_parent((entry / "stat").read_text())
    return parents
