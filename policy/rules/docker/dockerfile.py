"""A Dockerfile's instructions: continuation lines, comments and here-documents resolved."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from .words import Unresolvable, split

_DIRECTIVE: Final = re.compile(r"#\s*([A-Za-z]+)\s*=\s*(.+?)\s*")
_HEREDOC: Final = re.compile(r"[0-9]*<<(-?)(['\"]?)([A-Za-z0-9_.-]+)\2")
_WITH_HEREDOC: Final = ("RUN", "COPY", "ADD", "ONBUILD")


@dataclass(frozen=True)
class Instruction:
    """One instruction of a Dockerfile."""

    line: int
    """The line it starts at, counted from 1."""
    keyword: str
    """In capitals."""
    rest: str
    heredocs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dockerfile:
    """All of a Dockerfile."""

    instructions: tuple[Instruction, ...]
    escape: str


def parse(text: str) -> Dockerfile:
    """Parse a Dockerfile; raise Unresolvable when it asks for another language than Docker's."""
    lines = text.removeprefix("\ufeff").splitlines()
    escape = _directives(lines)
    continued = re.compile(re.escape(escape) + r"[ \t]*$")
    instructions: list[Instruction] = []
    at = 0
    while at < len(lines):
        parts: list[str] = []
        start, more = at, True
        while more and at < len(lines):
            line = lines[at]
            at += 1
            stripped = line.strip()
            # Comments and blank lines inside a continued instruction are dropped, too.
            if stripped.startswith("#") or not stripped:
                more = bool(parts)
                start = start if parts else at
                continue
            more = bool(continued.search(line))
            parts.append(continued.sub("", line) if more else line)
        keyword, _, rest = "".join(parts).strip().partition(" ")
        if not keyword:
            continue
        keyword, tab, after_tab = keyword.partition("\t")
        rest = (after_tab + " " + rest if tab else rest).strip()
        heredocs: list[str] = []
        if keyword.upper() in _WITH_HEREDOC:
            for strip_tabs, name in _heredocs(rest, escape):
                body, at = _heredoc(lines, at, name, strip_tabs)
                heredocs.append(body)
        instructions.append(Instruction(start + 1, keyword.upper(), rest, tuple(heredocs)))
    return Dockerfile(tuple(instructions), escape)


def _directives(lines: list[str]) -> str:
    """Read the parser directives at the very top and return the escape character."""
    escape = "\\"
    for line in lines:
        match = _DIRECTIVE.fullmatch(line.strip())
        if match is None:
            break
        name, value = match[1].lower(), match[2]
        if name == "escape" and value in ("\\", "`"):
            escape = value
        if name == "syntax" and not re.fullmatch(r"(docker\.io/)?docker/dockerfile(-upstream)?([:@].+)?", value):
            raise Unresolvable("a frontend of its own in `# syntax`")
    return escape


def _heredocs(rest: str, escape: str) -> list[tuple[bool, str]]:
    """Return the here-documents that an instruction opens: whether tabs are stripped, and the closing word."""
    found = (_HEREDOC.fullmatch(word) for word in split(rest, escape))
    return [(match[1] == "-", match[3]) for match in found if match]


def _heredoc(lines: list[str], at: int, name: str, strip_tabs: bool) -> tuple[str, int]:
    body: list[str] = []
    while at < len(lines):
        line = lines[at].lstrip("\t") if strip_tabs else lines[at]
        at += 1
        if line == name:
            return "\n".join(body), at
        body.append(line)
    raise Unresolvable("a here-document that is not closed")
