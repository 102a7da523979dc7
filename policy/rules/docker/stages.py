"""Which user the image of a Dockerfile's target stage really starts with."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from ..values import Unreadable
from .dockerfile import Dockerfile, Instruction
from .words import Lookup, Unresolvable, expand, split

Values = dict[str, Callable[[], str | None]]
"""Variables whose values are worked out when they are used: one that cannot be had stops nobody before that."""

_PASSWD_LINE: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_.-]*):[^:\s'\"]*:[+-]?0+:")
_ADDS_USER: Final = frozenset({"useradd", "adduser", "usermod"})


@dataclass(frozen=True)
class FinalUser:
    """The end of the search for a stage's user."""

    user: str | None
    """The resolved user; None when no stage sets one and the base image decides."""
    line: int
    """Of the USER instruction, or of the FROM that leads out of the file."""
    written: str
    """That instruction as it stands in the file."""
    base: str
    """The image that the chain of stages starts from."""
    aliases: frozenset[str]
    """Names that the file itself gives uid 0."""


@dataclass(frozen=True)
class Build:
    """What the resource says about the build."""

    target: str | None = None
    build_arg: Callable[[str], str | None] = lambda name: None
    """Asked only for arguments that the answer depends on."""
    automatic: Mapping[str, Callable[[], str | None]] = field(default_factory=dict)
    """Arguments that BuildKit sets by itself, such as TARGETARCH."""
    contexts: Collection[str] = ()
    """Images and stages that the build replaces by a context of its own."""


@dataclass
class _Stage:
    """A stage's state while its instructions are followed."""

    base: str
    origin: Instruction
    env: Values = field(default_factory=dict)
    args: Values = field(default_factory=dict)
    user: Instruction | None = None
    user_values: Lookup = lambda name: None
    runs: list[tuple[Instruction, Lookup]] = field(default_factory=list)
    onbuild: list[Instruction] = field(default_factory=list)

    def values(self) -> Lookup:
        """Return the variables as they stand now; ENV wins over ARG, in whatever order they come."""
        return _lookup({**self.args, **self.env})


def _lookup(values: Values) -> Lookup:
    return lambda name: values[name]() if name in values else None


@dataclass(frozen=True)
class _Section:
    """A stage as it is written."""

    origin: Instruction
    image: str
    name: str
    body: tuple[Instruction, ...]


def final_user(dockerfile: Dockerfile, build: Build) -> FinalUser:
    """Follow the target stage and the stages it is built from; raise Unresolvable where only a build could tell."""
    return _Resolver(dockerfile, build).run()


class _Resolver:
    """One search through one file."""

    def __init__(self, dockerfile: Dockerfile, build: Build) -> None:
        self.escape = dockerfile.escape
        self.build = build
        self.globals: Values = dict(build.automatic)
        self.sections = self._sections(dockerfile.instructions)

    def run(self) -> FinalUser:
        stage = self._follow(self._target())
        if stage.user is None:
            user, instruction = None, stage.origin  # the base image decides
        else:
            instruction = stage.user
            user = expand(instruction.rest, stage.user_values, self.escape)
        written = f"{instruction.keyword} {instruction.rest}"
        aliases = frozenset(name for run, values in stage.runs for name in _aliases(run, values))
        return FinalUser(user, instruction.line, written, stage.base, aliases)

    def _sections(self, instructions: tuple[Instruction, ...]) -> list[_Section]:
        sections: list[_Section] = []
        for one in instructions:
            if one.keyword == "FROM":
                words = [word for word in one.rest.split() if not word.startswith("--")]
                if len(words) not in (1, 3) or (len(words) == 3 and words[1].upper() != "AS"):
                    raise Unresolvable(f"the FROM of line {one.line}, which cannot be read")
                name = words[2].lower() if len(words) == 3 else ""
                sections.append(_Section(one, words[0], name, ()))
            elif sections:
                sections[-1] = replace(sections[-1], body=(*sections[-1].body, one))
            elif one.keyword == "ARG":
                before = _lookup(dict(self.globals))
                self._arg(one, self.globals, before, above=before)
        if not sections:
            raise Unresolvable("a file without FROM")
        return sections

    def _target(self) -> int:
        target = self.build.target
        if not target:
            return len(self.sections) - 1
        for index, section in enumerate(self.sections):
            if section.name == target.lower():
                return index
        if target.isdecimal() and int(target) < len(self.sections):
            return int(target)
        raise Unresolvable("a target that no stage has")

    def _follow(self, index: int) -> _Stage:
        section = self.sections[index]
        image = expand(section.image, _lookup(self.globals), self.escape)
        if not image:
            raise Unresolvable(f"the FROM of line {section.origin.line}, whose image is empty")
        replaced = {name.lower() for name in self.build.contexts}
        if section.name in replaced or image.lower() in replaced:
            raise Unresolvable(f"the FROM of line {section.origin.line}, which a named context replaces")
        parent = next((i for i in reversed(range(index)) if self.sections[i].name == image.lower()), None)
        if parent is None:
            stage = _Stage(image, section.origin)
        else:
            stage = self._follow(parent)
            triggers, stage.onbuild, stage.args = stage.onbuild, [], {}
            for trigger in triggers:
                self._apply(trigger, stage)
        for one in section.body:
            self._apply(one, stage)
        return stage

    def _apply(self, one: Instruction, stage: _Stage) -> None:
        if one.keyword == "USER":
            stage.user, stage.user_values = one, stage.values()
        elif one.keyword == "ARG":
            self._arg(one, stage.args, stage.values(), above=_lookup(self.globals))
        elif one.keyword == "ENV":
            self._env(one, stage)
        elif one.keyword == "RUN":
            stage.runs.append((one, stage.values()))
        elif one.keyword == "ONBUILD":
            keyword, _, rest = one.rest.partition(" ")
            stage.onbuild.append(replace(one, keyword=keyword.upper(), rest=rest.strip()))

    def _arg(self, one: Instruction, into: Values, before: Lookup, above: Lookup) -> None:
        for word in split(one.rest, self.escape):
            name, equals, default = word.partition("=")
            name = expand(name, before, self.escape)
            value = partial(self._arg_value, name, default if equals else None, before, above)
            into[name] = partial(_agreed, name, into[name], value) if name in into else value

    def _arg_value(self, name: str, default: str | None, before: Lookup, above: Lookup) -> str | None:
        """Work out an argument: the build's value, else its own default, else the one from above the first FROM."""
        value = self.build.build_arg(name)
        if value is None:
            value = above(name) if default is None else expand(default, before, self.escape)
        return value

    def _env(self, one: Instruction, stage: _Stage) -> None:
        words = split(one.rest, self.escape)
        if words and "=" not in words[0]:
            name, *value = one.rest.split(None, 1)
            pairs = [(name, value[0] if value else "")]
        else:
            pairs = [(name, value) for name, _, value in (word.partition("=") for word in words)]
        before = stage.values()
        for name, text in pairs:
            stage.env[name] = partial(expand, text, before, self.escape)


def _agreed(name: str, first: Callable[[], str | None], second: Callable[[], str | None]) -> str | None:
    """Return the value of an argument declared twice; which of two values a builder takes is not for us to guess."""
    values = {first(), second()} - {None}
    if len(values) > 1:
        raise Unresolvable(f"the argument {name}, which is declared twice with different values")
    return values.pop() if values else None


def _aliases(run: Instruction, values: Lookup) -> Iterator[str]:
    """Yield the names to which a RUN gives uid 0, by a command or by a line for /etc/passwd."""

    def value(match: re.Match[str]) -> str:
        try:
            return values(match[1] or match[2]) or ""
        except (Unreadable, Unresolvable):
            # It may be anything; where it is a uid, assume the worst.
            return "0"

    text = "\n".join((run.rest, *run.heredocs))
    text = re.sub(r"\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))", value, text)
    for match in _PASSWD_LINE.finditer(text):
        yield match[1]
    for command in re.split(r"&&|\|\||[;|\n]", text):
        try:
            words = shlex.split(command)
        except ValueError:
            words = command.split()
        names = [posixpath.basename(word) for word in words]
        at = next((i for i, name in enumerate(names) if name in _ADDS_USER), None)
        if at is not None and _has_uid_zero(words[at + 1 :]):
            yield words[-1]


def _has_uid_zero(options: list[str]) -> bool:
    return bool(re.search(r"(?:^| )(?:-[a-zA-Z]*u|--uid)[ =]?[+-]?0+(?: |$)", " ".join(options)))
