"""Reading a resource's inputs, where a value may be unknown, secret, absent or of the wrong type.

A rule never touches raw inputs. It walks ``Field`` objects, which know their own path, so that each finding can name
the place, and which raise ``Unreadable`` as soon as a rule *needs* what cannot be had. Nothing is read that no rule
asks for: an unknown environment value stops nobody.

Inputs come in a normal form that each caller's adapter makes: None, bool, int, float, str, list and dict, with
``UNKNOWN`` and ``Secret`` anywhere. Whatever else stands there, such as an asset, rules can only reject.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final


class _Unknown:
    """Stands for a value that exists only after ``pulumi up``."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = _Unknown()
"""The one unknown value of the normal form."""


UNKNOWN_MARKERS: Final = frozenset(
    {
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
"""What the engine's wire protocol writes for an unknown boolean, number, string, array, asset, archive or object."""


@dataclass(frozen=True)
class Secret:
    """A value that rules may judge and messages may not show."""

    value: Any

    def __repr__(self) -> str:
        """Keep the value out of tracebacks and logs."""
        return "Secret(…)"


class Unreadable(Exception):
    """A rule needs a value that cannot be had: its verdict is then a finding, never a pass."""

    def __init__(self, path: str, found: str, write: str) -> None:
        """Say where, what stands there and what to write instead."""
        super().__init__(f"{path} is {found}")
        self.path = path
        self.found = found
        self.write = write


class UnknownInput(Unreadable):
    """The value is known only after ``pulumi up``."""

    def __init__(self, path: str) -> None:
        """Name the input that is unknown."""
        super().__init__(path, "not known before `pulumi up`", "a value that is known at preview")


class Malformed(Unreadable):
    """The value has a type that its consumer would refuse, or might read in another way than this pack does."""


_PLAIN: Final = re.compile(r"[A-Za-z0-9 _.:/@*+=-]{1,80}")


def quoted(value: object) -> str:
    """Show a short plain scalar; describe everything else by its type, so that no text blob reaches a message."""
    if value is None:
        return "absent"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{value:g}"
    if isinstance(value, str):
        return json.dumps(value) if not value or _PLAIN.fullmatch(value) else "a text that is not shown"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    return f"a value of type {type(value).__name__}"


class Trace:
    """Remembers the last field that was read, so that even a crashing rule can name its input."""

    def __init__(self) -> None:
        """Start before the first read."""
        self.last: Field | None = None


class Field:
    """One place in a resource's inputs; its value is looked at only when a rule asks."""

    __slots__ = ("_children", "_items", "_key", "_parent", "_raw", "_trace", "secret")

    def __init__(self, raw: object, *, parent: Field | None = None, key: str = "", trace: Trace | None = None) -> None:
        """Stand on ``raw``, which lies under ``parent`` at ``key``; whatever is inside a secret is a secret too."""
        self.secret: bool = parent is not None and parent.secret
        # The rules ask for the same places over and over.
        self._children: dict[str, Field] = {}
        self._items: list[Field] | None = None
        while isinstance(raw, Secret):
            raw, self.secret = raw.value, True
        self._raw = raw
        self._parent = parent
        self._key = key
        self._trace: Trace = trace or (parent._trace if parent else Trace())

    @property
    def path(self) -> str:
        """Where it stands: ``spec.containers[0].name``; put together only when a message needs it."""
        above = self._parent.path if self._parent else ""
        return above + (self._key if not above or not self._key or self._key[0] == "[" else f".{self._key}")

    @property
    def trace(self) -> Trace:
        """What remembers the last field read, for fields made of these inputs elsewhere."""
        return self._trace

    def last_read(self) -> str:
        """Return the path of the last place that anything was read from, here or in the same inputs."""
        last = self._trace.last
        return (last.path if last else "") or "inputs"

    def _known(self) -> Any:
        self._trace.last = self
        if self._raw is UNKNOWN or (isinstance(self._raw, str) and self._raw in UNKNOWN_MARKERS):
            raise UnknownInput(self.path or "inputs")
        return self._raw

    def _mapping(self) -> dict[str, object]:
        value = self._known()
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise self.malformed("an object")
        return value

    def malformed(self, wanted: str) -> Malformed:
        """Return the error that this value is of the wrong kind."""
        return Malformed(self.path or "inputs", self.shown(), wanted)

    def at(self, *keys: str) -> Field:
        """Step into an object; below an absent value everything is absent."""
        here = self
        for key in keys:
            below = here._children.get(key)
            if below is None:
                below = here._children[key] = Field(here._mapping().get(key), parent=here, key=key)
            here = below
        return here

    def entries(self) -> list[tuple[str, Field]]:
        """Return an object's keys and fields, sorted by key."""
        mapping = self._mapping()
        return [(key, Field(mapping[key], parent=self, key=key)) for key in sorted(mapping)]

    def items(self) -> list[Field]:
        """Return a list's elements; none when the list is absent."""
        if self._items is None:
            value = self._known()
            if value is not None and not isinstance(value, list):
                raise self.malformed("a list")
            self._items = [Field(one, parent=self, key=f"[{index}]") for index, one in enumerate(value or [])]
        return self._items

    def exists(self) -> bool:
        """Tell whether anything but null stands here."""
        return self._known() is not None

    def is_text(self) -> bool:
        """Tell whether a string stands here."""
        return isinstance(self._known(), str)

    def text(self) -> str | None:
        """Return the string, or None when absent."""
        value = self._known()
        if value is not None and not isinstance(value, str):
            raise self.malformed("a string")
        return value

    def boolean(self) -> bool | None:
        """Return the boolean, or None when absent; a string such as "true" is none."""
        value = self._known()
        if value is not None and not isinstance(value, bool):
            raise self.malformed("true or false, unquoted")
        return value

    def number(self) -> float | None:
        """Return the number, or None when absent; numbers reach a policy as floats."""
        value = self._known()
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise self.malformed("a number, unquoted")
        return value

    def parsed(self, parse: Callable[[str], object]) -> Field:
        """Return the field with its text parsed in place, under the same path."""
        text = self.text()
        return self if text is None else Field(parse(text), parent=self)

    def peek(self) -> Any:
        """Return what stands here, an unknown included, to see its shape and not to judge it."""
        return self._raw

    def made(self, members: Mapping[str, Field | None]) -> Field:
        """Return an object of fields from elsewhere in the same inputs, which keep their own paths."""
        there = {key: field for key, field in members.items() if field is not None}
        made = Field({key: field._raw for key, field in there.items()}, parent=self)
        made._children.update(there)
        return made

    def listed(self, items: list[Field]) -> Field:
        """Return a list of fields from elsewhere in the same inputs, which keep their own paths."""
        made = Field([item._raw for item in items], parent=self)
        made._items = items
        return made

    def once(self, name: str, make: Callable[[], Field]) -> Field:
        """Return another reading of this field, which is made once for all rules that ask for it by this name."""
        key = f"\0{name}"
        made = self._children.get(key)
        if made is None:
            made = self._children[key] = make()
        return made

    def changed(self, change: Callable[[Any], object]) -> Field:
        """Return the field with its value, in which unknowns and secrets may be, replaced under the same path."""
        return Field(change(self._known()), parent=self)

    def plain(self) -> Any:
        """Return everything that stands here, secrets included, with whole numbers as such; all of it must be known."""
        value = self._known()
        if isinstance(value, dict):
            return {key: field.plain() for key, field in self.entries()}
        if isinstance(value, list):
            return [item.plain() for item in self.items()]
        if isinstance(value, float) and value.is_integer():
            return int(value)
        if value is not None and not isinstance(value, str | bool | int | float):
            raise self.malformed("plain data")
        return value

    def holds_secret(self) -> bool:
        """Tell whether this is a secret, or anything inside of it."""
        if self.secret:
            return True
        if isinstance(self._raw, list):
            return any(item.holds_secret() for item in self.items())
        return isinstance(self._raw, dict) and any(field.holds_secret() for _, field in self.entries())

    def shown(self) -> str:
        """Describe what stands here for a message: never a secret, never a long text."""
        raw = self._known()
        return "a secret value" if self.secret and raw is not None else quoted(raw)


def texts(field: Field) -> Iterator[tuple[Field, str]]:
    """Yield a list's strings with their fields; a null element is malformed."""
    for item in field.items():
        value = item.text()
        if value is None:
            raise item.malformed("a string")
        yield item, value
