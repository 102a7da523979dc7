"""Generated Dockerfiles, whose last user hangs on what BuildKit reads in its own manner, and BuildKit's answer."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from policy.rules.users import User, resolve

from ..policy.cases.docker import image
from ..policy.support import Planned
from .upstream import Program


@dataclass(frozen=True)
class Case:
    """One Dockerfile and what its build is given."""

    text: str
    target: str = ""
    args: dict[str, str] = field(default_factory=dict)
    platform: str = ""

    def line(self) -> str:
        """Return the question as the oracle reads it."""
        encoded = base64.b64encode(self.text.encode()).decode()
        asked = {"dockerfile": encoded, "target": self.target, "args": self.args, "platform": self.platform}
        return json.dumps(asked) + "\n"

    def planned(self) -> Planned:
        """Return an image as a program would have it."""
        more: dict[str, Any] = {"target": self.target} if self.target else {}
        if self.platform:
            more["platforms"] = [self.platform]
        return image(self.text, buildArgs=self.args, **more)


@dataclass(frozen=True)
class Verdict:
    """What BuildKit makes of a file."""

    user: str
    error: str
    """Why it builds nothing; empty if it does."""
    frontend: str
    """The other program that the file is handed to; empty if there is none."""

    @property
    def safe(self) -> bool:
        """Tell whether an image is built, and starts as a user that is not root."""
        return not self.error and not self.frontend and resolve(self.user) is User.OTHER

    @property
    def root(self) -> bool:
        """Tell whether an image may be built that starts as root, or as who knows whom."""
        return not self.error and not self.safe


class BuildKit(Program):
    """BuildKit's frontend."""

    def ask_all(self, cases: list[Case]) -> list[Verdict]:
        """Ask for many files; the answers come in their order."""
        answers = self.exchange([case.line() for case in cases])
        return [Verdict(one["user"], one.get("error", ""), one.get("frontend", "")) for one in answers]


NAMES: Final = ("A", "B", "U", "UID", "TARGETARCH", "_x", "é", "A1")
USERS: Final = (
    *("0", "root", "10001", "app", "1", "00", '""', "0:0", "10001:10001", "nobody", "-0", "+7", "app", "10001", "1000"),
    *("app", "10010", "0-1-0", "1*0", "a?p", "\\\\0"),
)
ODD: Final = ("\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\r", "\xa0", "\u3000", "\ufeff", "\x1c", "\t", " ", "\x00")
"""Some of them end a line or a word for one reader and not for the other."""
MODIFIERS: Final = (":-", "-", ":+", "+", "#", "##", "%", "%%", "/", "//", "?", ":?", ":", "=")
PATTERNS: Final = (
    *("*", "?", "1*", "a?p", "\\*", "\\}", "0", "*1", "*0", "0*", "?0*", "1\\*", "\\?", "\\\\", "-*", "\\/", "'*'"),
)
# A form a line, with the line that would close it where that is not the word alone.
_FORMS: Final = r"""
<<W
<<W
<< W
<<-W
<<'W'
<<"W"
3<<W
cat <<W | sh
<<W|sh → W|sh
<<W>/f → W>/f
<<W <<V
<<$W → $W
<<${W} → ${W}
<<\W
<<W\ W → W W
<<"W W" → W W
<<"W\"W" → W"W
<<"W\xW" → W\xW
<<W${A:-b} → W${A:-b}
echo ${A:-<<W}
echo ${A/x/<<W}
echo a${A:-b}<<W
echo $W <<W
echo "$W" <<W
x<<W
< <W
echo '<<W'
echo "<<W"
echo \<<W
echo '<<W
<<<W
<<W<
[<<W
["echo", "<<W"]
"""
HEREDOCS: Final = [line.partition(" → ")[::2] for line in _FORMS.strip().splitlines()]
"""What opens a here-document, or only looks so."""
BODIES: Final = (
    "USER root",
    "USER root",
    "USER 10001",
    "FROM a",
    "from os import x",
    "ENV A=0",
    "\tW",
    "W\r",
    "\x0c",
    "#",
)


class Writer:
    """Writes one Dockerfile; ``wild`` ones are full of what few people write."""

    def __init__(self, seed: int, *, wild: bool) -> None:
        self.random = random.Random(seed)
        self.wild = wild
        self.escape = "\\"
        self.stages: list[str] = []

    def case(self) -> Case:
        """Return the file, with a target, arguments and a platform at times."""
        text = "".join(self.lines())
        args = {self.pick(NAMES): self.pick(USERS) for _ in range(self.random.choice([0, 0, 0, 1, 2]))}
        if self.rarely(0.01):
            args["BUILDKIT_SYNTAX"] = "docker/dockerfile:1"
        target = self.pick([*self.stages * 3, "LAST", "0", "nowhere"]) if self.rarely() else ""
        platform = self.pick(["linux/amd64", "linux/arm64"])
        return Case(text, target, args, platform)

    def rarely(self, share: float = 0.12) -> bool:
        return self.random.random() < share

    def oddly(self) -> bool:
        return self.wild and self.rarely(0.025)

    def pick(self, choices: Any) -> str:
        return str(self.random.choice(choices))

    def lines(self) -> list[str]:
        lines: list[str] = []
        if self.rarely():
            lines.append("\ufeff")
        if self.rarely(0.05):
            lines.append(
                self.pick(["#!/bin/x\n", "// syntax=other/one\n", "//syntax=other/one\n", '{"syntax": "x"}\n'])
            )
        if self.rarely(0.2):
            lines += [self.directive() for _ in range(self.random.choice([1, 1, 2]))]
        lines += [self.instruction("ARG") for _ in range(self.random.choice([0, 0, 1, 2]))]
        for number in range(self.random.choice([1, 1, 2, 3])):
            name = self.pick([f"s{number}", f"S{number}", "s0", "base"])
            base = self.pick([*self.stages * 3, "a", "a", "a", "a", "a", "scratch", "${A:-a}"])
            base = self.variable() if self.oddly() else base
            flag = "--platform=$BUILDPLATFORM " if self.rarely() else ""
            lines.append(self.joined("FROM", f"{flag}{base}{f' AS {name}' if self.rarely(0.6) else ''}"))
            self.stages.append(name)
            body = self.random.choices(
                ("ARG", "ENV", "RUN", "USER", "ONBUILD", "COPY", "#", ""),
                (4, 4, 3, 3, 0.7, 1, 1, 0.5),
                k=self.random.randint(0, 7),
            )
            lines += [self.instruction(keyword) for keyword in body]
            if self.rarely(0.85):
                lines.append(self.instruction("USER"))
        return lines

    def directive(self) -> str:
        lines = [
            "# escape=`",
            "# escape=`",
            "# escape=\\",
            "#escape = `",
            "# Escape=`",
            "# check=skip=all",
            "# unknown=1",
        ]
        lines += ["# a comment", "", " # escape=`", "#\u2028escape=`", *["# syntax=docker/dockerfile:1"] * 2]
        line = self.pick([*lines, "# escape=` x"] if self.oddly() else lines)
        if "`" in line and self.rarely(0.8):
            self.escape = "`"
        return line + self.pick(["\n", "\n", "\r\n"])

    def instruction(self, keyword: str) -> str:
        writers: dict[str, Callable[[], str]] = {"ARG": self.arg, "ENV": self.env, "RUN": self.run, "USER": self.user}
        if keyword == "#":
            return self.pick(["# USER root\n", "#\n", "  # escape=`\n", "# x \\\n"])
        if keyword == "":
            return self.pick(["\n", "  \t\n", "\r\n", "\\\n"])
        if keyword == "ONBUILD":
            inner = self.pick(["USER", "ARG", "ENV", "RUN"])
            return self.joined(keyword, f"{inner} {writers[inner]()}")
        if keyword == "COPY":
            return self.heredoc(keyword, " /srv/x") if self.rarely(0.3) else self.joined(keyword, "x /srv/")
        if keyword == "RUN" and self.rarely(0.5):
            return self.heredoc(keyword, "")
        return self.joined(keyword, writers[keyword]())

    def joined(self, keyword: str, rest: str) -> str:
        """Write an instruction: cases, blanks, continuation lines and ends of lines vary."""
        if self.rarely():
            keyword = self.pick([keyword.lower(), keyword.title()])
        blank = self.pick([" ", " ", " ", "\t", "  "])
        if self.oddly():
            blank = self.pick(ODD)
        text = f"{keyword}{blank}{rest}"
        if self.rarely():
            at = self.random.randint(0, len(text))
            between = self.pick(["", "", "# a comment\n", "\n", "  ", "   # USER root\n"])
            after = self.pick(["", " ", self.escape if self.wild else ""])
            text = f"{text[:at]}{self.escape}{after}\n{between}{text[at:]}"
        if self.oddly():
            at = self.random.randint(0, len(text))
            text = text[:at] + self.pick(ODD) + self.pick(["", "USER root", "USER 10001"]) + text[at:]
        return text + self.pick(["\n", "\n", "\n", "\r\n", " \n"])

    def heredoc(self, keyword: str, after: str) -> str:
        opened, name = self.random.choice(HEREDOCS)
        name = name or "W"
        # A closing line that is a comment, or an instruction, is one that no other reading stumbles over.
        word = self.pick(["EOF", "#x", "#x", "#x", "run", "run"])
        if self.oddly():
            opened = opened.replace("W", "W'W'")
            name = name.replace("W", "WW")
        body = self.pick(BODIES)
        name = name if self.rarely(0.9) else f"{name}{self.pick([' ', '|', 'x'])}"
        lines = [opened + after, body, name, *(["V"] if "<<V" in opened else [])]
        return f"{keyword} " + "".join(f"{line}\n" for line in lines).replace("W", word)

    def variable(self) -> str:
        name = "PATH" if self.oddly() else self.pick(NAMES)
        if self.rarely(0.6):
            return self.pick([f"${name}", f"${{{name}}}"])
        modifier = self.pick(MODIFIERS if self.wild else MODIFIERS[:10])
        word = self.value() if self.rarely(0.3) else self.pick([*USERS, *PATTERNS * 2])
        more = f"/{self.pick(USERS)}" if modifier[0] == "/" else ""
        return f"${{{name}{modifier}{word}{more}}}"

    def value(self) -> str:
        """Return a word: a user, plain or in quotes, by a variable or in pieces."""
        kinds: list[Callable[[], str]] = [lambda: self.pick(USERS), self.variable]
        if self.wild or self.rarely(0.3):
            escaped = [f"{self.escape}{after}" for after in ("root", "$A", "0", '"', "'", " 1", self.escape)]
            signs = ["$", "$$", "$1", "$1a", "$@", "$?1", "<<E", "r'oo't", "<"]
            kinds += [
                lambda: f'"{self.pick([*USERS, *escaped])}"',
                lambda: f"'{self.variable()}'",
                lambda: f'"{self.variable()}"',
                lambda: self.pick(escaped),
                lambda: self.pick(USERS) + self.variable(),
                lambda: self.pick([*signs, "${", "${}", '"', "'", "`", "\\"] if self.oddly() else signs),
            ]
        return self.random.choice(kinds)()

    def user(self) -> str:
        flag = self.pick(["-- ", "--x ", "--x=1 ", '--"" ']) if self.oddly() else ""
        return f"{flag}{self.value()}{self.pick([' x', ':0']) if self.oddly() else ''}"

    def arg(self) -> str:
        flag = "--x " if self.oddly() else ""
        words = [
            self.pick(NAMES) + (f"={self.value()}" if self.rarely(0.8) else "")
            for _ in range(self.random.choice([1, 1, 2]))
        ]
        return flag + " ".join(words)

    def env(self) -> str:
        if self.rarely(0.2):
            return f"{self.pick(NAMES)} {self.value()}"
        name = self.variable() if self.oddly() else self.pick(NAMES)
        return " ".join(
            [
                f"{name}={self.value()}",
                *(f"{self.pick(NAMES)}={self.value()}" for _ in range(self.random.choice([0, 1]))),
            ]
        )

    def run(self) -> str:
        return self.pick(
            [
                "echo hi",
                '["echo", "hi"]',
                "--mount=type=tmpfs,target=/x echo",
                "echo \\\\",
                "['x']",
                "echo $A",
                "[1]" if self.oddly() else "true",
            ]
        )
