"""What one key of the config allows: a rule says it in words, and finds what breaks it.

A field of a :class:`Model` is annotated with a :class:`Key`: what the key is for, its rule and an example. The same
three feed the check, the error, ``docs/configuration.md`` and ``Pulumi.yaml``. Rules that one thing alone needs stand
in that thing's room.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, GetCoreSchemaHandler
from pydantic.alias_generators import to_camel
from pydantic_core import CoreSchema, PydanticCustomError, core_schema


class Model(BaseModel):
    """Base of every model: frozen, camelCase in the stack file, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True)


@dataclass(frozen=True)
class Rule:
    """One condition on a value."""

    allowed: str
    """What may stand there, in words."""
    find: Callable[[Any], Iterable[str]]
    """Yields a sentence for everything that is wrong with a value of the right type."""


@dataclass(frozen=True)
class Key:
    """What a field of the config means to who writes the stack file; also checks its rule."""

    about: str
    """What the key is for, with its unit."""
    rule: Rule | None = None
    """None where the type says all: a choice, a boolean, an object."""
    example: Any = None
    default: str = ""
    """The default in words, where it depends on other keys."""
    nothing: str = ""
    """What to say where null stands, or nothing: if someone may take it for something else than a slip."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Add the rule to the field's own checks."""
        schema = handler(source)
        return core_schema.no_info_after_validator_function(self._check, schema) if self.rule else schema

    def _check(self, value: Any) -> Any:
        assert self.rule
        found = [] if value is None else list(self.rule.find(value))
        if found:
            raise PydanticCustomError("rule", "{found}", {"found": "\n".join(found)})
        return value


def _whole_number(value: Any) -> Any:
    """Refuse a boolean, which Python would take for 0 or 1."""
    if isinstance(value, bool):
        raise PydanticCustomError("int_type", "is not a whole number")
    return value


Int = Annotated[int, BeforeValidator(_whole_number)]
"""A whole number; the engine hands some as text."""


def either(values: Iterable[object]) -> str:
    """Join values for a reader: ``1, 2 or 3``."""
    *others, last = [str(value) for value in values]
    return f"{', '.join(others)} or {last}" if others else last


def nearest(given: str, known: Iterable[str]) -> str | None:
    """Return the known name that ``given`` was probably meant to be."""
    names = {name.replace("_", "").replace("-", "").lower(): name for name in known}
    plain = given.replace("_", "").replace("-", "").lower()
    swapped = [name for name in names if sorted(name) == sorted(plain)]  # two letters in the wrong order
    close = swapped or difflib.get_close_matches(plain, names, n=1, cutoff=0.6)
    return names[close[0]] if close else None


def between(lowest: int, highest: int | None, unit: str = "") -> Rule:
    """Allow whole numbers of a range, both ends included."""
    words = f"{lowest} or more" if highest is None else f"{lowest} to {highest}"

    def find(value: int) -> Iterator[str]:
        if value < lowest or (highest is not None and value > highest):
            yield f"{value} is too {'small' if value < lowest else 'large'}."

    return Rule(f"{words} {unit}".strip(), find)


def one_of(values: Sequence[Any], source: str = "") -> Rule:
    """Allow the values of a list."""

    def find(value: Any) -> Iterator[str]:
        if value in values:
            return
        if isinstance(value, int):
            hint = f"; the nearest is {min(values, key=lambda known: abs(known - value))}"
        else:
            close = nearest(value, values)
            hint = f"; did you mean {close}?" if close else ""
        yield f"{json.dumps(value)} is not one of them{hint}" + ("" if hint.endswith("?") else ".")

    return Rule(either(values) + (f" ({source})" if source else ""), find)


def matching(pattern: str, allowed: str, problem: str, longest: int | None = None) -> Rule:
    """Allow text that matches a pattern as a whole and has at most ``longest`` characters.

    ``allowed`` is the pattern in words; ``problem`` follows a text that does not match, as the end of a sentence.
    """
    compiled = re.compile(pattern)

    def find(value: str) -> Iterator[str]:
        if not compiled.fullmatch(value):
            yield f"{json.dumps(value, ensure_ascii=False)} {problem}."
        if longest is not None and len(value) > longest:
            yield f"It has {len(value)} characters, {len(value) - longest} too many."

    return Rule(allowed, find)


def each(rule: Rule, *, fewest: int = 0) -> Rule:
    """Allow lists whose every element is allowed, and none twice."""

    def find(values: Sequence[str]) -> Iterator[str]:
        if len(values) < fewest:
            yield f"{len(values) or 'None'} given, at least {fewest} needed."
        for value in values:
            yield from rule.find(value)
        for value in sorted({value for value in values if values.count(value) > 1}):
            yield f'"{value}" stands there twice.'

    return Rule(f"a list{f' of at least {fewest}' if fewest else ''}, each: {rule.allowed}", find)


LOG_RETENTION_DAYS: Final = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
"""Days that CloudWatch Logs can keep events (its API reference, ``PutRetentionPolicy``)."""
log_retention: Final = one_of(LOG_RETENTION_DAYS)

relative_path: Final = matching(
    r"(?!/)(?!.*(^|/)\.\.(/|$))[^\x00-\x1f\x7f]+",
    "a path inside the project, relative to it, at most 255 characters",
    "leads out of the project, or is no path",
    longest=255,
)

absolute_path: Final = matching(r"/[^\s:,]+", "an absolute path", "is no absolute path, or holds a blank, : or ,")


def version(pattern: str, oldest: int, allowed: str) -> Rule:
    """Allow a version whose first group is a number of at least ``oldest``."""
    compiled = re.compile(pattern)

    def find(value: str) -> Iterator[str]:
        match = compiled.fullmatch(value)
        if not match:
            yield f'"{value}" is not how this version looks.'
        elif int(match[1]) < oldest:
            yield f"{value} is too old."

    return Rule(allowed, find)
