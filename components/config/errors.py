"""The report of everything that is wrong with a stack's config."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

MASK: Final = "***"
"""Stands where a value might be a secret."""

_SECRET_WORD: Final = re.compile(
    r"\w*(PASSWORD|PASSWD|PASSPHRASE|SECRET|SECRETS|TOKEN|CREDENTIAL|CREDENTIALS)|(API|ACCESS|PRIVATE|SECRET)?KEY"
)
_REFERENCE_WORDS: Final = frozenset(
    {"ARN", "ARNS", "COUNT", "FILE", "FORMAT", "HEADER", "ID", "ISSUER", "LENGTH", "NAME", "PATH", "PREFIX", "SECONDS"}
    | {"SIZE", "TTL", "TYPE", "URI", "URL"}
)
"""Last words of a name that speaks *about* a secret: TOKEN_TTL, SECRET_ARN."""
_SECRET_VALUE: Final = re.compile(
    r"\b(AKIA|ASIA)[0-9A-Z]{16}\b"  # an AWS access key's id
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----(?s:.*)"
    r"|\bgh[pousr]_[A-Za-z0-9]{20,}"
    r"|\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\."  # a JSON Web Token
    r"|://[^/\s:@]+:[^/\s@]+@"  # a URL with a password in it
)


class _Absent:
    """Stands for a value that was not given."""

    def __repr__(self) -> str:
        return "nothing"


ABSENT: Final = _Absent()
"""The one absent value."""


@dataclass(frozen=True)
class Default:
    """A value that was not given, but is there all the same."""

    value: Any


def names_secret(name: str) -> bool:
    """Say whether a variable of this name is likely to hold a secret: ``DB_PASSWORD``, ``apiKey``."""
    words = [word for word in re.split(r"[^A-Z0-9]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).upper()) if word]
    if words[-3:] == ["ACCESS", "KEY", "ID"]:
        return True
    if not words or words[-1] in _REFERENCE_WORDS or words[-2:] == ["PUBLIC", "KEY"]:
        return False
    return any(_SECRET_WORD.fullmatch(word) for word in words)


def is_secret_value(value: object) -> bool:
    """Say whether a text is a secret by its looks: an access key, a private key, a URL with a password."""
    return isinstance(value, str) and bool(_SECRET_VALUE.search(value))


def masked(value: Any, name: str = "") -> Any:
    """Return a value of a config with all that looks like a secret replaced; ``name`` is the key it stands under."""
    if isinstance(value, Mapping):
        return {key: masked(item, str(key)) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [masked(item, name) for item in value]
    if is_secret_value(value) or (names_secret(name) and isinstance(value, str) and value):
        return MASK
    return value


@dataclass(frozen=True)
class Elsewhere:
    """An example that stands under another key than the problem's own."""

    key: str
    value: Any


@dataclass(frozen=True)
class Written:
    """A text that is shown as it stands."""

    text: str


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, and what to write instead."""

    key: str
    """As the stack file spells it, with dots for nested keys: ``berth:service.cpu``."""
    given: Any
    """What stands there; ``ABSENT`` where nothing does, ``Default`` where the default is the problem."""
    problem: str
    """What is wrong with it, in a sentence."""
    allowed: str
    """What may stand there."""
    example: Any
    """A value that may stand there; ``ABSENT`` where the key has to go, ``Elsewhere`` where it is another key."""
    secret: bool = False
    """Whether the engine was told that the value is a secret."""

    def lines(self) -> list[str]:
        """Return the problem as lines of text."""
        given = MASK if self.secret and self.given is not ABSENT else shown(self.given, self.key)
        rows = [("given", given), ("problem", self.problem), ("allowed", self.allowed)]
        rows.append(("example", self._example()))
        lines = [_visible(self.key)]
        for label, text in rows:
            first, *others = [_visible(line) for line in text.split("\n")]
            lines.append(f"   {label:<8} {first}")
            lines.extend(f"   {'':<8} {other}" for other in others)
        return lines

    def _example(self) -> str:
        if self.example is ABSENT:
            return "leave it out"
        if isinstance(self.example, Written):
            return self.example.text
        if isinstance(self.example, Elsewhere):
            return yaml_text(self.example.key, self.example.value)
        return yaml_text(self.key, self.example)


class SettingsError(Exception):
    """A stack's config cannot be used; the text is the whole report."""

    def __init__(self, stack: str, problems: Sequence[Problem]) -> None:
        super().__init__(stack, tuple(problems))
        self.stack = stack
        self.problems = tuple(problems)

    def __str__(self) -> str:
        """Return the report: every problem with its key, value, what is allowed and an example."""
        count = "1 problem" if len(self.problems) == 1 else f"{len(self.problems)} problems"
        parts = [f"The config of stack {self.stack!r} cannot be used: {count}."]
        for number, problem in enumerate(self.problems, start=1):
            first, *others = problem.lines()
            parts.append("\n".join([f"{number}. {first}", *others]))
        parts.append("Every key is described in docs/configuration.md.")
        # What looks like a secret is masked where values are shown; this also covers the sentences.
        return _SECRET_VALUE.sub(MASK, "\n\n".join(parts))


def shown(value: Any, key: str = "", limit: int = 200) -> str:
    """Return a value as a reader of the report sees it: secrets masked, one line, not too long."""
    if value is ABSENT:
        return "nothing"
    if isinstance(value, Written):
        return value.text
    if isinstance(value, Default):
        return f"nothing; the default is {shown(value.value, key, limit)}"
    leaf = re.split(r"[.:]", key)[-1]
    text = json.dumps(masked(value, leaf), ensure_ascii=False, default=str)
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text)} characters)"


def _visible(text: str, limit: int = 2000) -> str:
    """Return a line in which nothing is hidden from its reader, or meant for the terminal; not endlessly long."""
    text = "".join(one if one.isprintable() else json.dumps(one)[1:-1] for one in text[:limit])
    return text if len(text) < limit else f"{text[:limit]}…"


def yaml_text(key: str, value: Any) -> str:
    """Return a value under its key, e.g. ``berth:service.cpu``, as it is written in the stack file."""
    import yaml  # here, and not at the top: only who has something to report needs it

    class Dumper(yaml.SafeDumper):
        """Writes lists as ``[a, b]``, as they stand in the documents."""

    Dumper.add_representer(
        list, lambda dumper, value: dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=True)
    )
    outer, *names = key.split(".") if ":" in key else [key]
    tree: Any = value
    for name in reversed(names):
        tree = {name: tree}
    text: str = yaml.dump({outer: tree}, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=2**31)
    return text.rstrip("\n")
