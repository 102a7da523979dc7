"""What a difference is, as data; every view of it is a pure function of this."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from berth.plan import Resource, Value


class Element(str):
    """A step of a path: the name of a list's element."""


class _Missing:
    """Stands where one side has no such property."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing()
"""The one missing value."""

ChangeKind = Literal["added", "removed", "changed", "unknown"]
Kind = Literal["create", "delete", "replace", "update", "maybe", "move"]

WORDS: Final[Mapping[Kind, str]] = {
    "create": "created",
    "delete": "deleted",
    "replace": "replaced",
    "update": "changed",
    "maybe": "may change",
    "move": "moved",
}
"""Each kind in words."""


@dataclass(frozen=True)
class Change:
    """One property that is not the same on both sides."""

    path: tuple[str | int, ...]
    """Where it is: property names, list indices, or the name by which a list's element is known."""
    kind: ChangeKind
    """``unknown``: not known on either side, so it may change."""
    before: Value = MISSING
    after: Value = MISSING
    note: str = ""
    """What the values alone do not say."""
    replaces: str = ""
    """Why it forces a replacement: where that is said; empty if it does not."""

    @property
    def where(self) -> str:
        """The path as text, e.g. ``containerDefinitions[biometric].cpu``."""
        return path_text(self.path)


@dataclass(frozen=True)
class ResourceChange:
    """One resource that is not the same on both sides."""

    kind: Kind
    """``maybe``: only what is not known yet may change. ``move``: the same under another name or parent."""
    before: Resource | None
    after: Resource | None
    changes: Sequence[Change] = ()
    certain: bool = True
    """False for a replacement that hangs on a value that is not known on one side."""
    loses: str = ""
    """The data that is lost with it, e.g. ``its databases``; empty if none is."""

    @property
    def aliased(self) -> bool:
        """Whether a move is one to the engine too: the program names the old place as an alias."""
        if self.kind != "move" or self.before is None or self.after is None:
            return False
        return address(self.before.urn) in map(address, self.after.aliases)

    @property
    def resource(self) -> Resource:
        """The resource as the head has it, or the base's where the head has none."""
        resource = self.after or self.before
        if resource is None:
            raise ValueError("A change of no resource.")
        return resource


@dataclass(frozen=True)
class Difference:
    """Two Plans compared: base to head."""

    resources: Sequence[ResourceChange]
    """What loses data first, then sorted by kind and by the resource's address."""
    outputs: Sequence[Change] = ()
    unchanged: int = 0
    """How many resources are the same."""
    unknown: int = 0
    """How many properties are unknown on both sides and refer to the same, unchanged resources."""

    def of_kind(self, kind: Kind) -> list[ResourceChange]:
        """Return the changes of one kind, in order."""
        return [change for change in self.resources if change.kind == kind]


def address(urn: str) -> str:
    """Return a URN without stack and project: what makes a resource the same in two programs."""
    parts = urn.split("::", 2)
    return parts[2] if len(parts) == 3 else urn


def path_text(path: Sequence[str | int]) -> str:
    """Return a path as a program would write it; what is no plain name stands in brackets."""
    text = ""
    for step in path:
        if type(step) is str and step.replace("_", "a").isalnum() and not step[:1].isdigit():
            text += f".{step}" if text else step
        else:
            text += f"[{step}]"
    return text
