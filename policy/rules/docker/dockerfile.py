"""A Dockerfile's instructions, read as BuildKit's ``frontend/dockerfile/parser`` does."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from .lex import SPACE, SPACES, Refused, Unresolvable, words_as_written, words_unquoted

_DIRECTIVE: Final = re.compile(rf"#[{SPACE}]*([a-zA-Z][a-zA-Z0-9]*)[\t\f\r ]*=[\t\f\r ]*(.+?)[\t\f\r ]*")
_DIRECTIVES: Final = frozenset({"syntax", "escape", "check"})
_HEREDOC: Final = re.compile(r"[0-9]*<<(-?)[\t\f\r ]*([^<]*)")
BLANKS: Final = re.compile(r"[\t\v\f\r ]+")
"""Between a keyword and what follows it; BuildKit knows more blanks elsewhere."""
_KEYWORDS: Final = frozenset(
    {"add", "arg", "cmd", "copy", "entrypoint", "env", "expose", "from", "healthcheck", "label", "maintainer"}
    | {"onbuild", "run", "shell", "stopsignal", "user", "volume", "workdir"}
)


@dataclass(frozen=True)
class Instruction:
    """One instruction of a Dockerfile."""

    line: int
    """The line it starts at, counted from 1."""
    keyword: str
    """In small letters."""
    flags: tuple[str, ...]
    """As written, such as ``--platform=linux/amd64``."""
    rest: str
    """What follows keyword and flags."""
    text: str
    """All of it, on one line."""
    heredocs: tuple[tuple[str, str], ...] = ()
    """Each here-document's text and closing word."""

    def exec_form(self) -> list[str] | None:
        """Return the words of a JSON array; None where there is none, and the rest is for a shell."""
        rest = self.rest.lstrip(SPACES)
        try:
            words = json.loads(rest) if rest.startswith("[") else None
        except ValueError:
            return None
        if words is not None and not all(isinstance(word, str) for word in words):
            raise Refused(f"line {self.line}, a JSON array of more than strings")
        return words


@dataclass(frozen=True)
class Dockerfile:
    """All of a Dockerfile."""

    instructions: tuple[Instruction, ...]
    escape: str


def syntax(text: str) -> str | None:
    """Return the frontend that a file asks for by ``# syntax=``.

    By ``// syntax=`` or JSON it may ask, too; the Dockerfile language has no such lines, so that `parse` refuses them.
    """
    lines = text.removeprefix("\ufeff").split("\n")
    return _directives(lines[1:] if lines[0].startswith("#!") else lines).get("syntax")


def parse(text: str, *, heredocs: bool = True) -> Dockerfile:
    """Parse a Dockerfile; raise Refused where BuildKit does not. Before Dockerfile 1.4 there were no ``heredocs``."""
    # Lines end at "\n" only: to Python alone "\x0b", "\x0c", "\x85", U+2028 and a lone "\r" end one, too.
    lines = [line.rstrip("\r\n") for line in text.removeprefix("\ufeff").split("\n")]
    escape = _directives(line.lstrip(SPACES) for line in lines).get("escape", "\\")
    if escape not in ("\\", "`"):
        raise Refused("an escape character that there is not")
    # A doubled escape at the end continues the line no more than any other character does.
    continued = re.compile(r"(^|[^\E])\E[ \t]*\Z".replace("E", escape))
    instructions: list[Instruction] = []
    at = 0
    while at < len(lines):
        start = at
        whole, more = "", True
        while more and at < len(lines):
            line = lines[at]
            at += 1
            stripped = line.lstrip(SPACES)
            if stripped.startswith("#") or not stripped:
                # Comments and blank lines are dropped inside of an instruction, too.
                more = at > start + 1
                continue
            line = line if at > start + 1 else stripped
            more = bool(continued.search(line))
            whole += continued.sub(r"\1", line)
        if at == start + 1 and not whole:
            continue
        one = _instruction(start + 1, whole, escape)
        if one.keyword not in _KEYWORDS:
            raise Refused(f"line {one.line}, an instruction that there is not")
        if heredocs:
            bodies: list[tuple[str, str]] = []
            for name, tabs in _heredocs(one, escape):
                body, at = _body(lines, at, name, tabs)
                bodies.append((body, name))
            one = replace(one, heredocs=tuple(bodies))
        instructions.append(one)
    return Dockerfile(tuple(instructions), escape)


def _directives(lines: Iterable[str]) -> dict[str, str]:
    """Read the parser directives at the top; whatever else stands there ends them."""
    found: dict[str, str] = {}
    for line in lines:
        match = _DIRECTIVE.fullmatch(line)
        if match is None or match[1].lower() not in _DIRECTIVES:
            break
        if match[1].lower() in found:
            raise Refused("a parser directive twice")
        found[match[1].lower()] = match[2]
    return found


def _instruction(number: int, whole: str, escape: str) -> Instruction:
    keyword, *rest = BLANKS.split(whole.strip(SPACES), maxsplit=1)
    if not whole.isascii() and re.search("[\ud800-\udfff]", whole):
        raise Unresolvable(f"line {number}, which is not UTF-8")
    flags, arguments = _flags(rest[0] if rest else "", escape)
    return Instruction(number, keyword.lower(), flags, arguments.strip(SPACES), whole)


def _flags(rest: str, escape: str) -> tuple[tuple[str, ...], str]:
    """Take the ``--flags`` off the start; a lone ``--`` ends them."""
    quoted = r"""(["'])(?:E.?|(?!\1)[^E])*(?:\1|\Z)"""
    word = re.compile(rf"""--(?:E.?|{quoted}|[^\s"'E])*""".replace("E", re.escape(escape)), re.ASCII | re.DOTALL)
    flags: list[str] = []
    while match := word.match(rest := rest.lstrip("\t\n\v\f\r ")):
        rest = rest[match.end() :]
        if not match[0].isascii():
            raise Unresolvable("a flag that is not ASCII")
        if match[0].replace('"', "").replace("'", "") == "--":
            break
        flags.append(match[0])
    return tuple(flags), rest


def _heredocs(one: Instruction, escape: str) -> list[tuple[str, bool]]:
    """Return the here-documents that an instruction opens: the closing word, and whether tabs before it count."""
    inner = _instruction(one.line, one.rest, escape) if one.keyword == "onbuild" else one
    if inner.keyword not in ("add", "copy", "run") or "<<" not in one.text or inner.exec_form() is not None:
        return []
    try:
        words = words_as_written(one.text)
    except Refused:
        return []
    found: list[tuple[str, bool]] = []
    for match in filter(None, map(_HEREDOC.fullmatch, words)):
        names = words_unquoted(match[2])
        if len(names) == 1:
            found.append((names[0], bool(match[1])))
    return found


def _body(lines: list[str], at: int, name: str, tabs: bool) -> tuple[str, int]:
    for end in range(at, len(lines)):
        if (lines[end].lstrip("\t") if tabs else lines[end]) == name:
            return "".join(f"{line}\n" for line in lines[at:end]), end + 1
    raise Refused("a here-document that is not closed")
