"""What a Dockerfile says of how its image runs."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from policy.rules.docker.dockerfile import Instruction
from policy.rules.docker.lex import Unresolvable, Values, evaluated, words_unquoted
from policy.rules.docker.stages import Build, final_users

_URL: Final = re.compile(
    r"(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1?\])(?::(?:(\d+)|\$\{?\w+[^/\s\"']*))?(/[^\s\"'?|;)]*)?"
)
"""Of this machine, as a health check asks it: its port and its path."""


class UnreadableDockerfileError(Exception):
    """It cannot be read, or only a build could tell; the text says what of it."""


@dataclass(frozen=True)
class Placed:
    """A value, and where it was found: ``Dockerfile:7: EXPOSE 3000``."""

    value: str
    place: str


@dataclass(frozen=True)
class Image:
    """How an image runs, by its Dockerfile's last stage and those that it is made from."""

    base: str
    """The image that the chain of stages starts from."""
    user: str | None
    """None where no USER stands, and the base image decides."""
    user_line: int
    """Of the USER that counts, else of the FROM."""
    ports: tuple[Placed, ...] = ()
    """EXPOSE, TCP only, in the order of the file."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """ENV, but for values that only a build could tell."""
    volumes: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    """What is run: the words of ENTRYPOINT and CMD, those of a shell's line split as a shell would."""
    command_line: int = 0
    """Of ENTRYPOINT, else of CMD."""
    keyword: str = "CMD"
    """Which of the two it is."""
    shell: str | None = None
    """The line that a shell is given; None where the process is started without one."""
    asked: Placed | None = None
    """The URL that its HEALTHCHECK asks: ``8080/healthz``; either part may be missing."""


def read(text: str, file: str = "Dockerfile") -> Image:
    """Read a Dockerfile's last stage, as its build would.

    Args:
        text: of the Dockerfile.
        file: its name, for where something was found.

    Raises:
        UnreadableDockerfileError: it is no Dockerfile, or only a build could tell.
    """
    try:
        final = next(final_users(text, Build(arg=lambda name: None)))
        return _image(final.base, final.user, final.line, final.settings, final.environment, file)
    except Unresolvable as error:
        raise UnreadableDockerfileError(str(error)) from None


def _image(
    base: str,
    user: str | None,
    line: int,
    settings: tuple[tuple[Instruction, Values], ...],
    environment: Values,
    file: str,
) -> Image:
    ports: list[Placed] = []
    volumes: list[str] = []
    last: dict[str, Instruction] = {}
    asked: Placed | None = None
    for one, values in settings:
        place = f"{file}:{one.line}: {one.text.strip()[:60]}"
        if one.keyword == "expose":
            for word in words_unquoted(one.rest):
                number, _, protocol = str(evaluated(word, values, "\\")).partition("/")
                if number.isdecimal() and protocol.lower() in ("", "tcp"):
                    ports.append(Placed(number, place))
        elif one.keyword == "volume":
            found = one.exec_form() or words_unquoted(one.rest)
            volumes += [str(evaluated(word, values, "\\")) for word in found]
        elif one.keyword == "healthcheck":
            asked = _asked(one, place)
        else:
            last[one.keyword] = one
    first = last.get("entrypoint") or last.get("cmd")
    return Image(
        base=base,
        user=user,
        user_line=line,
        ports=tuple(ports),
        environment={name: value for name, value in environment.items() if isinstance(value, str)},
        volumes=tuple(volumes),
        command=_words(last.get("entrypoint"), last.get("cmd")),
        command_line=first.line if first else 0,
        keyword=first.keyword.upper() if first else "CMD",
        shell=first.rest if first and first.exec_form() is None else None,
        asked=asked,
    )


def _asked(one: Instruction, place: str) -> Placed | None:
    """Return port and path of the URL in a health check; None where it asks by no URL."""
    found = _URL.search(" ".join(one.exec_form() or [one.rest]).replace('"', " "))
    if found is None or not (found[1] or found[2]):
        return None
    return Placed(f"{found[1] or ''}{found[2] or ''}", place)


def _words(entrypoint: Instruction | None, cmd: Instruction | None) -> tuple[str, ...]:
    """Return what is run, as words."""
    given = (entrypoint.exec_form() if entrypoint else []), (cmd.exec_form() if cmd else [])
    if entrypoint and given[0] is None:
        return tuple(_split(entrypoint.rest))  # its shell passes CMD over
    if cmd and given[1] is None:
        return (*(given[0] or ()), *_split(cmd.rest))
    return (*(given[0] or ()), *(given[1] or ()))


def _split(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError:
        return line.split()
