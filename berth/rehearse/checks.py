"""What is promised against what is declared and what the kernel says. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from berth.rehearse.drivers.ecs.security import AGENT_PATHS, are_promised
from berth.rehearse.proc import Mount, Process, writable_paths
from berth.rehearse.workload import Container, Promise
from components.service.spec import ContainerSecurity

SECCOMP_FILTER = 2


@dataclass(frozen=True)
class Observation:
    """What was seen of one container from outside."""

    processes: tuple[Process, ...]
    mounts: tuple[Mount, ...]
    written: tuple[str, ...] | None = None
    """Where the container's own user could create a file, of the root and the promised paths; None if not tried."""


@dataclass(frozen=True)
class Check:
    """One promise, judged."""

    container: str
    promise: str
    promised: str
    seen: str
    kept: bool
    place: str = ""
    """What to change when it is broken: the declaration's place and value."""
    binding: bool = True
    """False for what the backend has no way to declare: shown, never broken."""


@dataclass(frozen=True)
class _Seen:
    """What the kernel says about one promise."""

    text: str
    kept: bool
    promised: str = field(default="")


def judge(
    container: Container, observation: Observation | None, security: ContainerSecurity, backend_note: str = ""
) -> list[Check]:
    """Judge every promise of one container.

    A promise is kept when it is declared *and* seen: a declaration that happens to have no effect here would have one
    in the cloud.

    Args:
        container: What is declared.
        observation: What was seen; None for a container that had ended before it could be looked at.
        security: What is promised.
        backend_note: What stands for promises that the backend has no way to declare.
    """
    seen = _observed(observation, security, container.handed_on) if observation else {}
    checks = []
    for promise in Promise:
        declared = container.declared.get(promise)
        sight = seen.get(promise)
        promised = _promised(promise, security, container.handed_on)
        if declared is not None and not declared.possible:
            checks.append(
                Check(container.name, promise, backend_note, sight.text if sight else "-", True, binding=False)
            )
            continue
        declared_kept = declared is None or declared.kept
        seen_kept = sight is None or sight.kept
        text = sight.text if sight else "ended before it was looked at"
        if not declared_kept and seen_kept and sight:
            text += ", but not by declaration"
        place = declared.text if declared is not None else container.place
        if declared_kept and not seen_kept:
            place = f"{place}, and yet it is not so"
        checks.append(Check(container.name, promise, promised, text, declared_kept and seen_kept, place))
    return checks


def _promised(promise: Promise, security: ContainerSecurity, handed_on: Sequence[str]) -> str:
    """Write a promise's value for people."""
    return {
        Promise.USER: f"{security.uid}:{security.gid}",
        Promise.CAPABILITIES: "0",
        Promise.NO_NEW_PRIVILEGES: "set",
        Promise.READ_ONLY_ROOT: "read-only",
        Promise.WRITABLE_PATHS: ", ".join(handed_on or security.writable_paths),
        Promise.SECCOMP: "filter",
    }[promise]


def _observed(observation: Observation, security: ContainerSecurity, handed_on: Sequence[str]) -> dict[Promise, _Seen]:
    """Read each promise off the processes and mounts."""
    processes = observation.processes
    return {
        Promise.USER: _user(processes, security),
        Promise.CAPABILITIES: _capabilities(processes),
        Promise.NO_NEW_PRIVILEGES: _flag(processes, [process.no_new_privileges for process in processes]),
        Promise.READ_ONLY_ROOT: _root(observation, security),
        Promise.WRITABLE_PATHS: _writable(observation, security, handed_on),
        Promise.SECCOMP: _flag(
            processes, [process.seccomp == SECCOMP_FILTER for process in processes], "filter", "no filter"
        ),
    }


def _count(processes: Sequence[Process]) -> str:
    return "" if len(processes) == 1 else f" in {len(processes)} processes"


def _user(processes: Sequence[Process], security: ContainerSecurity) -> _Seen:
    """Every id of every process is the promised one, and no group but the promised one is held."""
    for process in processes:
        uids, gids = set(process.uids), set(process.gids)
        if uids != {security.uid} or gids != {security.gid} or not set(process.groups) <= {security.gid}:
            text = f"{_ids(process.uids)}:{_ids(process.gids)}"
            if extra := sorted(set(process.groups) - {security.gid}):
                text += f", groups {', '.join(map(str, extra))}"
            return _Seen(f"{text} in {process.command} (pid {process.pid})", False)
    return _Seen(f"{security.uid}:{security.gid}{_count(processes)}", bool(processes))


def _ids(ids: Iterable[int]) -> str:
    return "/".join(str(one) for one in dict.fromkeys(ids))


def _capabilities(processes: Sequence[Process]) -> _Seen:
    """All five sets of every process are empty."""
    for process in processes:
        held = [f"{name} {value:x}" for name, value in process.capabilities.items() if value]
        if held:
            return _Seen(f"{', '.join(held)} in {process.command} (pid {process.pid})", False)
    return _Seen(f"0{_count(processes)}", bool(processes))


def _flag(processes: Sequence[Process], flags: Sequence[bool], yes: str = "set", no: str = "not set") -> _Seen:
    """A bit that every process must have."""
    for process, flag in zip(processes, flags, strict=True):
        if not flag:
            return _Seen(f"{no} in {process.command} (pid {process.pid})", False)
    return _Seen(f"{yes}{_count(processes)}", bool(processes))


def _root(observation: Observation, security: ContainerSecurity) -> _Seen:
    """The root mount is read-only, and the container's user can create no file there."""
    root = next((mount for mount in observation.mounts if mount.path == "/"), None)
    if root is None:
        return _Seen("no root mount found", False)
    if security.read_only_root and "/" in (observation.written or ()):
        return _Seen("writable: a file can be made in /", False)
    return _Seen("read-only" if root.read_only else "writable", root.read_only >= security.read_only_root)


def _writable(observation: Observation, security: ContainerSecurity, handed_on: Sequence[str]) -> _Seen:
    """Exactly the promised paths are mounted to be written, and the container's user can."""
    found = [path for path in writable_paths(observation.mounts) if path not in AGENT_PATHS]
    wanted = [] if handed_on else sorted(security.writable_paths)
    text = ", ".join(found) or "none"
    if observation.written is not None and (failed := [path for path in wanted if path not in observation.written]):
        return _Seen(f"{text}; no file can be made in {', '.join(failed)}", False)
    return _Seen(text, are_promised(found, security, handed_on))
