"""Where the program is whose resources are judged: relative paths in their inputs start there.

The engine tells a policy pack the project's name and stack and the pack's own directory, but not the program's. What
it does do is to start its language host in the program's directory, and that starts the pack; on Linux it can be seen.
Elsewhere every directory that it may be is looked into: a file that is fine in one checkout may not be in the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

_LANGUAGE_HOST: Final = "pulumi-language"
# Between the language host and the pack stands nothing, or a tool that prepares the environment.
_GENERATIONS: Final = 4


def program_directories(project: str | None, shell: Path, pack: Path, host: Path | None = None) -> tuple[Path, ...]:
    """Return the program's directory, or each directory that it may be.

    Args:
        project: The project's name, if the engine told it.
        shell: The directory that the shell says it stands in; wrong after ``pulumi -C``, or when it was inherited.
        pack: The pack's directory.
        host: The directory that the engine's language host runs in, if that can be seen.
    """
    if host is not None:
        return (host.resolve(),)
    found = dict.fromkeys(_projects(project, [shell, pack]))
    return tuple(found) or (shell.resolve(),)


def _projects(project: str | None, starts: Iterable[Path]) -> Iterator[Path]:
    import yaml

    for start in starts:
        above = start.resolve()
        for directory in (above, *above.parents):
            try:
                settings = yaml.safe_load((directory / "Pulumi.yaml").read_text(encoding="utf-8"))
            except (OSError, ValueError, yaml.YAMLError):
                continue
            if isinstance(settings, dict) and project in (None, settings.get("name")):
                yield (directory / str(settings.get("main") or ".")).resolve()
                break


def language_host_directory(process: int, proc: Path = Path("/proc")) -> Path | None:
    """Return the working directory of the language host that started a process, where the system shows it."""
    try:
        for _ in range(_GENERATIONS):
            process = _parent(proc / str(process) / "stat")
            if (proc / str(process) / "comm").read_text().strip().startswith(_LANGUAGE_HOST):
                return (proc / str(process) / "cwd").readlink()
    except (OSError, ValueError):
        pass
    return None


def _parent(stat: Path) -> int:
    # "pid (name) state parent ...": the name may hold anything, a closing parenthesis included.
    return int(stat.read_text().rpartition(")")[2].split()[1])
