"""A table of keys, and the walk that holds a file against it: each key is carried or listed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, Literal, TypeVar

from components.config.errors import shown

D = TypeVar("D")

Kind = Literal["left", "changed"]
ANY: Final = "*"
"""In a path: a name that the file's author chose, or a place in a list."""


@dataclass(frozen=True)
class Remark:
    """What is to be said of one key."""

    file: str
    """Relative to the folder that is imported."""
    key: str
    """With dots, as the file spells it: ``environments.prod.count.cooldown``."""
    given: str
    """The value, shortened; what looks like a secret is masked."""
    kind: Kind
    """Whether it is not carried, or carried as something else."""
    why: str
    instead: str = ""
    """What to do, or to write instead."""


class NotCarried(Exception):
    """Raised by a rule whose key, or this value of it, is not carried."""

    def __init__(self, why: str, instead: str = "") -> None:
        super().__init__(why, instead)
        self.why, self.instead = why, instead


@dataclass(frozen=True)
class Left:
    """A rule: the key is not carried, whatever it holds."""

    why: str
    instead: str = ""


@dataclass(frozen=True)
class Already:
    """A rule: these values say what is so here anyway; others are not carried."""

    values: tuple[Any, ...]
    other: Left


Carry = Callable[[D, Any, tuple[str, ...]], str | None]
"""A rule that takes the draft, the value and the names that stood for ``*``, and returns what is different here, if so.

Raises:
    NotCarried: this value is not carried.
"""
SAME: Final = Already((), Left(""))
"""A rule: nothing has to be said of this key, whatever it holds."""


@dataclass(frozen=True)
class Table(Generic[D]):
    """Keys, by their paths with dots, to what becomes of them.

    Where a path has rules and further ones below it, these are for an object or a list, and its own for all else.
    """

    what: str
    """Whose keys they are: ``a Worker Service``."""
    rules: Mapping[str, Carry[D] | Left | Already]
    unknown: str = "check its spelling"
    """What to do about a key that is not in the table."""
    inner: Mapping[str, int] = field(init=False)
    """Paths below which keys have rules, to where in the table these begin."""
    places: Mapping[str, int] = field(init=False)
    """Where in the table each path stands: keys are taken in the table's order."""

    def __post_init__(self) -> None:
        inner: dict[str, int] = {}
        for place, path in enumerate(self.rules):
            parts = path.split(".")
            for end in range(1, len(parts)):
                inner.setdefault(".".join(parts[:end]), place)
        object.__setattr__(self, "inner", inner)
        object.__setattr__(self, "places", {path: place for place, path in enumerate(self.rules)} | inner)

    def walk(self, tree: Any, draft: D, file: str, at: str = "") -> Iterator[Remark]:
        """Carry what a file holds into a draft, and yield what is to be said of its keys.

        Args:
            tree: what the file holds, or a part of it.
            draft: what the rules write into.
            file: its name, for the remarks.
            at: the part's path, with a dot at its end.
        """
        yield from self._inner(tree, draft, file, at, "", ())

    def _inner(self, tree: Any, draft: D, file: str, at: str, pattern: str, names: tuple[str, ...]) -> Iterator[Remark]:
        last = len(self.places)
        for key, value in sorted(_items(tree), key=lambda item: self.places.get(f"{pattern}{item[0]}", last)):
            if value is None:
                continue  # nothing behind a key is as good as no key
            exact, loose = f"{pattern}{key}", f"{pattern}{ANY}"
            known = exact if exact in self.rules or exact in self.inner else loose
            found = (*names, key) if known == loose else names
            path = f"{at}{key}"
            if known in self.inner and isinstance(value, Mapping | list):
                yield from self._inner(value, draft, file, f"{path}.", f"{known}.", found)
            elif rule := self.rules.get(known):
                yield from self._one(rule, value, draft, file, path, found)
            else:
                yield remark(
                    file, path, value, NotCarried(f"No key of {self.what} has this name or form.", self.unknown)
                )

    def _one(
        self, rule: Carry[D] | Left | Already, value: Any, draft: D, file: str, path: str, names: tuple[str, ...]
    ) -> Iterator[Remark]:
        if isinstance(rule, Left):
            yield remark(file, path, value, NotCarried(rule.why, rule.instead))
        elif isinstance(rule, Already):
            if rule is not SAME and value not in rule.values:
                yield remark(file, path, value, NotCarried(rule.other.why, rule.other.instead))
        else:
            try:
                said = rule(draft, value, names)
            except NotCarried as error:
                yield remark(file, path, value, error)
            else:
                if said:
                    yield Remark(file, path, shown(value, path), "changed", said)


def _items(tree: Any) -> Iterable[tuple[str, Any]]:
    if isinstance(tree, Mapping):
        return [(str(key), value) for key, value in tree.items()]
    return [(str(number), value) for number, value in enumerate(tree)] if isinstance(tree, Sequence) else []


def remark(file: str, path: str, value: Any, error: NotCarried) -> Remark:
    """Return what is said of a key that is not carried."""
    return Remark(file, path, shown(value, path, 60), "left", error.why, error.instead)
