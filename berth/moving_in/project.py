"""What is known of a service's source, whatever its language."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from berth.moving_in.folder import Folder
from berth.moving_in.image import Placed

CONFINED: Final = "VOLUME /tmp\nUSER 10001:10001\n"
"""How every image that is written here ends, but for its command."""
READABLE: Final = "# Whoever it runs as may read it, whatever the umask was here.\nRUN chmod -R a+rX /app\n"
NEVER_SENT: Final = (".git", ".env*", "**/.DS_Store", "Dockerfile*")
"""What no image needs, and what must not get into one."""


@dataclass(frozen=True)
class Project:
    """A service's source: what it is, and the image that is made of it."""

    language: str
    framework: str = ""
    """Empty where there is none, or none that is known."""
    serves: bool = False
    """Whether it answers HTTP for sure."""
    driver: Placed | None = None
    """PostgreSQL's driver among what it depends on."""
    health: Placed | None = None
    """The path that its framework answers by itself."""
    health_lines: tuple[str, ...] = ()
    """What makes it answer ``/healthz``."""
    size: Mapping[str, int] = field(default_factory=dict)
    """``cpu`` and ``memory``, where the defaults are too small to start in time."""
    dockerfile: str = ""
    """Empty where none can be written."""
    ignored: tuple[str, ...] = ()
    """Lines of its ``.dockerignore``."""
    problem: str = ""
    """Why no Dockerfile can be written, and what to do."""

    @property
    def name(self) -> str:
        """Return it as people call it: ``Python FastAPI``."""
        return f"{self.language} {self.framework}".strip()


def stage(*lines: str) -> str:
    """Return a stage's text; empty lines are left out."""
    return "".join(f"{line.rstrip()}\n" for line in lines if line.strip())


def command(words: Sequence[str]) -> str:
    """Return CMD as a JSON list: no shell keeps SIGTERM to itself."""
    return f"CMD {json.dumps(list(words))}"


def by_shell(line: str) -> list[str]:
    """Return what has a shell put variables in, and then give its place to the program, which gets SIGTERM."""
    return ["sh", "-c", f"exec {line}"]


def procfile(folder: Folder) -> list[str] | None:
    """Return the command of a Procfile's ``web`` process, or of its ``worker``."""
    text = folder.text("Procfile")
    lines = (re.search(rf"^{name}:\s*(\S.*?)\s*$", text, re.MULTILINE) for name in ("web", "worker"))
    found = next(filter(None, lines), None)
    return by_shell(found[1]) if found else None


def first_of(names: Mapping[str, str], found: Mapping[str, str]) -> tuple[str, str, str] | None:
    """Return the first known name among those found, what it is known as, and the place where it was found."""
    return next(((name, names[name], found[name]) for name in names if name in found), None)
