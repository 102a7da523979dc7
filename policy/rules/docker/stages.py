"""Which user the image of a Dockerfile's target stage starts with, as BuildKit's ``dockerfile2llb`` works it out."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Final

from ..values import Unreadable
from .dockerfile import BLANKS, Instruction, parse, syntax
from .lex import SPACE, SPACES, Refused, Unresolvable, Values, evaluated, expand

_PARTS: Final = ("PLATFORM", "OS", "OSVERSION", "ARCH", "VARIANT")

Variables = dict[str, "str | Exception"]


@dataclass(frozen=True)
class Dialect:
    """How a builder reads what not all of them read alike."""

    heredocs: bool = True
    """Since Dockerfile 1.4; before, the lines of a here-document were instructions."""
    one_by_one: bool = True
    """An ARG of several names sees those before it, since Dockerfile 1.8."""
    env_wins: bool = False
    """Docker's own builder, the one before BuildKit: ENV wins over ARG, and no ARG reaches the next stage."""


CURRENT: Final = Dialect()
OLDER: Final = (Dialect(one_by_one=False), Dialect(heredocs=False, one_by_one=False))
CLASSIC: Final = Dialect(heredocs=False, one_by_one=False, env_wins=True)

# A version that is given pins an old frontend as well as a new one; a digest may be of any.
_FRONTEND: Final = re.compile(r"(docker\.io/)?docker/dockerfile(-upstream)?(?P<version>[:@].*)?")
_RECENT: Final = re.compile(r"|:latest|:labs|:(master|1(\.([89]|[1-9][0-9])(\.[0-9]+)?)?)(-labs)?")


@dataclass(frozen=True)
class Build:
    """What the resource says about the build."""

    target: str | None = None
    arg: Callable[[str], str | None] = lambda name: None
    platform: str | None = None
    """None when it is not known."""
    contexts: Collection[str] = ()
    """Images and stages that the build replaces by a context of its own."""
    classic: bool = False
    """Docker's own builder may build it."""


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
    steps: tuple[tuple[Instruction, Values], ...]
    """What writes files on the way there, each with the variables as they are then."""
    settings: tuple[tuple[Instruction, Values], ...] = ()
    """What says how the image is run, as ``steps``: CMD, ENTRYPOINT, EXPOSE, HEALTHCHECK and VOLUME."""
    environment: Values = field(default_factory=dict)
    """What ENV sets."""


@dataclass
class _Stage:
    """A stage's state while its instructions are followed."""

    base: str
    origin: Instruction
    values: Variables
    image_env: Variables
    """Of ``values`` what the image keeps: ENV."""
    user: str | Exception | None = None
    steps: list[tuple[Instruction, Values]] = field(default_factory=list)
    settings: list[tuple[Instruction, Values]] = field(default_factory=list)
    triggers: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Section:
    """A stage as it is written."""

    origin: Instruction
    image: str
    name: str
    body: list[Instruction]


def final_users(text: str, build: Build) -> Iterator[FinalUser]:
    """Yield the user by each builder that may build the file; raise Unresolvable where only the build could tell."""
    others = list(_others(text, build))
    yield _Resolver(text, build, CURRENT).run()
    for dialect in others:
        try:
            yield _Resolver(text, build, dialect).run()
        except Refused:
            continue


def _others(text: str, build: Build) -> Iterator[Dialect]:
    if build.classic:
        yield CLASSIC
    asked = build.arg("BUILDKIT_SYNTAX")
    frontend = (syntax(text) if asked is None else asked.strip(SPACES)) or ""
    match = _FRONTEND.fullmatch(frontend.partition(" ")[0])
    if frontend and match is None:
        raise Unresolvable("a frontend of its own (`# syntax` or BUILDKIT_SYNTAX)")
    if match and not _RECENT.fullmatch(match["version"] or ""):
        yield from OLDER


class _Resolver:
    """One search through one file."""

    def __init__(self, text: str, build: Build, dialect: Dialect) -> None:
        self.build, self.dialect = build, dialect
        dockerfile = parse(text, heredocs=dialect.heredocs)
        self.escape = dockerfile.escape
        self.globals: Variables = {}
        self.sections = self._sections(dockerfile.instructions)

    def run(self) -> FinalUser:
        stage = self._follow(self._target())
        if isinstance(stage.user, Exception):
            raise stage.user
        return FinalUser(
            user=stage.user,
            line=stage.origin.line,
            written=stage.origin.text.strip(SPACES),
            base=stage.base,
            steps=tuple(stage.steps),
            settings=tuple(stage.settings),
            environment=stage.image_env,
        )

    def _sections(self, instructions: tuple[Instruction, ...]) -> list[_Section]:
        sections: list[_Section] = []
        early: list[Instruction] = []
        for one in instructions:
            if one.keyword == "from":
                words = BLANKS.split(one.rest)
                name = words[2].lower() if len(words) == 3 and words[1].casefold() == "as" else ""
                if not words[0] or len(words) != (3 if name else 1) or not re.fullmatch(r"([a-z][a-z0-9_.-]*)?", name):
                    raise Refused(f"the FROM of line {one.line}, which cannot be read")
                self._only_flag(one, "--platform=")
                sections.append(_Section(one, words[0], name, []))
            elif sections:
                sections[-1].body.append(one)
            elif one.keyword == "arg":
                early.append(one)
            else:
                raise Refused(f"line {one.line}, an instruction before FROM")
        if not sections:
            raise Refused("a file without FROM")
        self.globals.update(_automatic(self.build.platform))
        self.globals["TARGETSTAGE"] = self.build.target or sections[-1].name or "default"
        for name, value in self.globals.items():
            given = self._given(name)
            self.globals[name] = value if given is None else given
        for one in early:
            self._arg(one, self.globals, {}, {})
        return sections

    def _target(self) -> int:
        target = self.build.target
        if not target:
            return len(self.sections) - 1
        # Of two stages of one name the later counts. Docker's own builder takes a number, too.
        found = [index for index, section in enumerate(self.sections) if section.name == target.lower()]
        if not found and target.isdecimal() and int(target) < len(self.sections):
            found = [int(target)]
        if not found:
            raise Refused("a target that no stage has")
        return found[-1]

    def _follow(self, index: int) -> _Stage:
        section = self.sections[index]
        image = expand(section.image, self.globals, self.escape)
        if not image:
            raise Refused(f"the FROM of line {section.origin.line}, whose image is empty")
        if {_familiar(section.name), _familiar(image)} & {
            _familiar(name.partition("::")[0]) for name in self.build.contexts
        }:
            raise Unresolvable(f"the FROM of line {section.origin.line}, which a named context replaces")
        parent = next((i for i in reversed(range(index)) if self.sections[i].name == image.lower()), None)
        if parent is None:
            # Which PATH it has is not known, but it has one. Of other variables a base image is taken to set none.
            path: Variables = {"PATH": Unresolvable("PATH, which the base image sets")}
            stage = _Stage(image, section.origin, dict(path), path)
        else:
            stage = self._follow(parent)
            # What ENV set is set anew, over what ARG set after it.
            stage.values = {**({} if self.dialect.env_wins else stage.values), **stage.image_env}
            triggers, stage.triggers = stage.triggers, []
            for trigger in triggers:
                # By its own lines, without the file's directives.
                for one in parse(trigger, heredocs=self.dialect.heredocs).instructions:
                    self._apply(one, stage)
        for one in section.body:
            self._apply(one, stage)
        return stage

    def _apply(self, one: Instruction, stage: _Stage) -> None:
        if one.keyword == "user":
            self._only_flag(one)
            if not one.rest:
                raise Refused(f"line {one.line}, a USER without a user")
            stage.user, stage.origin = evaluated(one.rest, stage.values, self.escape), one
        elif one.keyword == "arg":
            self._arg(one, stage.values, self.globals, stage.image_env)
        elif one.keyword == "env":
            self._only_flag(one)
            self._env(one, stage)
        elif one.keyword == "onbuild":
            bodies = "".join(f"\n{body}{name}" for body, name in one.heredocs)
            stage.triggers.append(re.sub(r"(?i)^\s*onbuild\s*", "", one.text) + bodies)
        elif one.keyword in ("run", "copy", "add", "workdir"):
            stage.steps.append((one, dict(stage.values)))
        elif one.keyword in ("cmd", "entrypoint", "expose", "healthcheck", "volume"):
            stage.settings.append((one, dict(stage.values)))

    def _only_flag(self, one: Instruction, *known: str) -> None:
        if not all(flag.startswith(known) for flag in one.flags):
            raise Refused(f"line {one.line}, which has a flag that there is not")

    def _given(self, name: str) -> str | Exception | None:
        try:
            return self.build.arg(name)
        except Unreadable as error:
            return error

    def _arg(self, one: Instruction, into: Variables, above: Values, env: Values) -> None:
        before = into if self.dialect.one_by_one else dict(into)
        for word in _words(one.rest, self.escape):
            name, equals, default = word.partition("=")
            name = name if self.dialect.one_by_one else expand(name, before, self.escape)
            value = self._given(name)
            if value is None:
                value = evaluated(default, before, self.escape) if equals else above.get(name)
            if name == "SOURCE_DATE_EPOCH" or name.startswith("BUILDKIT_SBOM_SCAN_"):
                value = Unresolvable(f"{name}, which BuildKit keeps for itself")
            if value is not None and not (self.dialect.env_wins and name in env):
                into[name] = value

    def _env(self, one: Instruction, stage: _Stage) -> None:
        pairs = [word.partition("=") for word in _words(one.rest, self.escape)]
        name, *value = BLANKS.split(one.rest, maxsplit=1)
        if pairs and not pairs[0][1] and value:
            pairs = [(name, "=", value[0])]  # the old form: ENV NAME value
        if not all(equals for _, equals, _ in pairs):
            raise Refused(f"line {one.line}, which cannot be read")
        before = stage.values
        new = {expand(name, before, self.escape): evaluated(value, before, self.escape) for name, _, value in pairs}
        stage.image_env.update(new)
        stage.values.update(new)


def _words(text: str, escape: str) -> list[str]:
    """Split at blanks outside of quotes; quotes and escapes stay in the words."""
    word = rf"""(?:E.|'[^']*(?:'|\Z)|"(?:E.|[^"E])*(?:"|\Z)|[^{SPACE}'"E])+""".replace("E", re.escape(escape))
    return re.findall(word, text, re.DOTALL)


def _automatic(platform: str | None) -> Variables:
    """Return the arguments that BuildKit sets by itself."""
    names = [f"{side}{part}" for side in ("BUILD", "TARGET") for part in _PARTS]
    values: Variables = {name: Unresolvable(f"{name}, which is not known before the build") for name in names}
    # Other names of platforms are brought to a normal form, and some get a variant.
    if platform and re.fullmatch(r"(linux|windows)/(amd64|arm64|386|ppc64le|s390x|riscv64)", platform):
        values["TARGETPLATFORM"] = platform
        values["TARGETOS"], _, values["TARGETARCH"] = platform.partition("/")
    return values


def _familiar(image: str) -> str:
    """Return an image's short name, by which a named context is looked for."""
    return re.sub(r"^((index\.)?docker\.io/)?(library/)?|:latest$", "", image.lower())
