"""YAML files as the engine reads them, with remarks where that is not what they look like.

The engine reads YAML by Go's yaml.v3 (``sdk/go/common/encoding``): unlike in PyYAML, ``yes`` and ``1:30`` are text,
``0o17`` and ``017`` are 15, and a duplicate key is an error. The rules here are those of its ``resolve.go``. PyYAML's
loaders follow nesting without a limit, and the C one then ends the process, so the parser's events are used here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import yaml

from berth.errors import ConfigError

# The C parser is ten times faster and part of every wheel; the pure one is the same language.
_PARSER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

DEEPEST: Final = 50
"""Objects and lists in one another; far more than any config has."""
LARGEST: Final = 100_000
"""Values of a file with its aliases written out: a few aliases of aliases would fill any memory."""

_TAG: Final = "tag:yaml.org,2002:"
_CONSTANTS: Final = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER: Final = re.compile(r"[-+]?(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)")
_FLOAT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NO_NUMBER: Final = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_OCTAL: Final = re.compile(r"[-+]?0[0-7_]*[1-9][0-7_]+|[-+]?0[0-7_]+[1-9]\d*")
_DATE: Final = re.compile(r"\d{4}-\d{1,2}-\d{1,2}([Tt ]\d{1,2}:\d{1,2}:\d{1,2}(\.\d+)?(Z|[-+]\d\d:\d\d)?)?")

_FAULTS: Final = {
    "alias": ("There is no such anchor before it, or it holds itself.", "an alias of an earlier anchor", "a value"),
    "document": ("The engine reads the first one only.", "one document", "the file without its second ---"),
    "key": ("A key must be text.", "text", "name: value"),
    "merge": ("Only objects can be merged into one.", "an alias of an object, or a list of them", "<<: *common"),
    "number": ("It is no number, and the engine cannot hand it on.", "a number", "1"),
    "tag": ("Tags have no use in a config.", "a value without a tag", "a value"),
    "twice": (
        "The key stands there twice, and only one of the two could count.",
        "each key once",
        "one of the two lines",
    ),
}
"""What the engine refuses: what is wrong, what is allowed, and an example."""


@dataclass(frozen=True)
class Remark:
    """One place of a file, and what is to be said of it."""

    key: str
    """As the stack file spells it: ``berth:service.cpu``."""
    given: str
    problem: str
    allowed: str
    example: str

    def __str__(self) -> str:
        """Return it as lines of text, in the layout of the settings' own report."""
        rows = (("given", self.given), ("problem", self.problem), ("allowed", self.allowed), ("example", self.example))
        lines = [
            (label if not number else "", line) for label, text in rows for number, line in enumerate(text.splitlines())
        ]
        return "\n".join([self.key, *(f"   {label:<8} {line}" for label, line in lines)])


@dataclass(frozen=True)
class Document:
    """What a file holds."""

    value: Any
    """Objects, lists, text, numbers, booleans and None; every key is text."""
    remarks: tuple[Remark, ...] = ()
    """What the engine takes, and reads otherwise than it looks."""


def read(file: Path) -> Document:
    """Read a file.

    Raises:
        ConfigError: It cannot be read, or the engine would refuse it; the text lists all that is wrong.
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        raise ConfigError(f"{file.name} cannot be read: {error.strerror}.") from error
    return parse(data, file.name)


def parse(data: bytes, name: str) -> Document:
    """Read a file's content; as ``read``.

    Args:
        data: the content.
        name: the file's name, for what is said of it.
    """
    reader = _Reader(name, yaml.parse(data, Loader=_PARSER))
    try:
        value = reader.document()
    except yaml.MarkedYAMLError as error:
        raise ConfigError(f"{name} is not YAML: {_syntax(error, data)}") from error
    except yaml.reader.ReaderError as error:
        line = data[: error.position].count(b"\n") + 1
        raise ConfigError(
            f"{name} is not YAML: line {line} holds a byte that is not allowed (byte {error.position} of the file).\n"
            "Allowed is text in UTF-8 without control characters."
        ) from error
    if reader.faults:
        raise ConfigError(report(name, reader.faults))
    return Document(value, tuple(reader.remarks))


def report(name: str, faults: Sequence[Remark]) -> str:
    """Return all that is wrong with a file as one text."""
    count = "1 problem" if len(faults) == 1 else f"{len(faults)} problems"
    return "\n\n".join([f"{name} cannot be used: {count}.", *(f"{n}. {one}" for n, one in enumerate(faults, 1))])


def _syntax(error: yaml.MarkedYAMLError, data: bytes) -> str:
    """Say where and why a text is not YAML."""
    mark = error.problem_mark or error.context_mark
    what = ", ".join(str(part) for part in (error.context, error.problem) if part)
    if mark is None:
        return f"{what}."
    lines = data.decode("utf-8", "replace").split("\n")
    line = lines[mark.line] if mark.line < len(lines) else ""
    tab = " YAML indents by spaces, and this line begins with a tab." if re.match(r" *\t", line) else ""
    return f"line {mark.line + 1}, column {mark.column + 1}: {what}.{tab}"


def spelled(path: Sequence[str]) -> str:
    """Return a path as the stack file spells it: ``berth:service.cpu`` for what lies under ``config:``."""
    return ".".join(path[1:] if len(path) > 1 and path[0] == "config" else path) or "the file"


class _Reader:
    """Builds a document's value from the parser's events."""

    def __init__(self, name: str, events: Iterator[Any]) -> None:
        self.faults: list[Remark] = []
        self.remarks: list[Remark] = []
        self._name = name
        self._events = events
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._size = 0

    def document(self) -> Any:
        """Return the value of the only document; None if there is none."""
        value: Any = None
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._fault(event, [], "a second document", "document")
                    return value
                value = self._value(next(self._events), [])
        return value

    def _value(self, event: Any, path: list[str]) -> Any:
        """Return the value that begins with an event."""
        self._size += 1
        before = self._size
        if isinstance(event, yaml.AliasEvent):
            value, size = self._anchors.get(event.anchor or "", (None, 0))
            self._size += size
            if event.anchor not in self._anchors:
                self._fault(event, path, f"*{event.anchor}", "alias")
        elif isinstance(event, yaml.ScalarEvent):
            value = self._scalar(event, path)
        elif len(path) >= DEEPEST:
            raise ConfigError(f"{self._name}, line {event.start_mark.line + 1}: more than {DEEPEST} levels deep.")
        elif isinstance(event, yaml.SequenceStartEvent):
            self._tagged(event, path, f"{_TAG}seq")
            value = self._list(path)
        else:
            self._tagged(event, path, f"{_TAG}map")
            value = self._object(path)
        if self._size > LARGEST:
            raise ConfigError(f"{self._name}: more than {LARGEST} values, its aliases written out.")
        if event.anchor and not isinstance(event, yaml.AliasEvent):
            self._anchors[event.anchor] = (value, self._size - before)
        return value

    def _list(self, path: list[str]) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._value(event, [*path, str(len(items) + 1)]))
        return items

    def _object(self, path: list[str]) -> dict[str, Any]:
        own: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        lines: dict[str, int] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            merges = isinstance(event, yaml.ScalarEvent) and event.value == "<<" and event.implicit[0]
            key = self._key(event, path)
            value = self._value(next(self._events), [*path, key])
            if key in lines:
                places = f"in line {lines[key]} and again in line {event.start_mark.line + 1}"
                self._fault(event, [*path, key], places, "twice")
            lines.setdefault(key, event.start_mark.line + 1)
            if not merges:
                own[key] = value
                continue
            sources = value if isinstance(value, list) else [value]
            if not all(isinstance(source, dict) for source in sources):
                self._fault(event, [*path, key], "<<", "merge")
                continue
            for source in sources:
                merged = {**source, **merged}
                self._size += len(source)
        return {**merged, **own}

    def _key(self, event: Any, path: list[str]) -> str:
        """Return a key as the engine spells it: numbers and booleans become text."""
        key = self._value(event, path)
        if isinstance(key, str):
            return key
        if isinstance(key, bool):
            return str(key).lower()
        if isinstance(key, int | float):
            return str(key)
        self._fault(event, path, "a key that is nothing, a list or an object", "key")
        return ""

    def _scalar(self, event: Any, path: list[str]) -> Any:
        text = event.value
        self._tagged(event, path, f"{_TAG}str")
        if event.tag or not event.implicit[0]:
            return text
        value = resolved(text)
        line = f"{text} in line {event.start_mark.line + 1}"
        if isinstance(value, float) and _NO_NUMBER.fullmatch(text):
            self._fault(event, path, line, "number")
        elif isinstance(value, int) and not isinstance(value, bool) and _OCTAL.fullmatch(text):
            plain = text.replace("_", "").lstrip("+")
            problem = f"A leading 0 makes it octal: the engine reads {value}."
            allowed = f'{value}, or "{text}" in quotes if text is meant'
            self.remarks.append(Remark(spelled(path), line, problem, allowed, str(int(plain))))
        elif isinstance(value, str) and _DATE.fullmatch(text):
            problem = "It is a date, which the engine writes in a way of its own."
            self.remarks.append(Remark(spelled(path), line, problem, "text, in quotes", f'"{text}"'))
        return value

    def _tagged(self, event: Any, path: list[str], expected: str) -> None:
        if event.tag not in (None, expected):
            self._fault(event, path, event.tag.replace(_TAG, "!!"), "tag")

    def _fault(self, event: Any, path: Sequence[str], given: str, kind: str) -> None:
        where = given if " line " in given else f"{given} in line {event.start_mark.line + 1}"
        self.faults.append(Remark(spelled(path), where, *_FAULTS[kind]))


def resolved(text: str) -> Any:
    """Return what yaml.v3 makes of a text without quotes and tag; a date stays text."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _NO_NUMBER.fullmatch(text):
        return float(text.lower().replace(".", ""))
    if not text[0].isascii() or text[0] not in "0123456789+-.":
        return text
    plain = text if text[0] == "." else text.replace("_", "")
    if _INTEGER.fullmatch(plain) and len(plain) < 100:
        digits = re.sub(r"^([-+]?)0(?=[0-7])", r"\g<1>0o", plain)
        number = int(digits, 0)
        if -(2**63) <= number < 2**64:
            return number
    if _FLOAT.fullmatch(plain):
        real = float(plain)
        # As JSON, in which the engine hands it on: 8080.0 is 8080.
        if real.is_integer() and abs(real) < 1e21:
            return int(Decimal(repr(real)))  # the digits that JSON has of it
        return text if real in (float("inf"), float("-inf")) else real
    return text
