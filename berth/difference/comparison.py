"""All that the views show of two revisions, and the words they share."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from berth.difference.base import Base
from berth.difference.codec import seal
from berth.difference.compare import difference
from berth.difference.findings import Findings, compare_findings
from berth.difference.losses import loss
from berth.difference.outcome import MISSING, WORDS, Change, Difference, Kind, ResourceChange, address
from berth.plan import UNKNOWN, Plan, Secret, Value
from berth.views.common import SECRET, Violation, kind, masked, plural
from berth.views.losses import Loss

SIGNS: Final[Mapping[Kind, str]] = {
    "create": "+",
    "delete": "-",
    "replace": "+-",
    "update": "~",
    "maybe": "?",
    "move": ">",
}
"""The engine's own signs, and two that it does not need: it knows what is deployed."""

HONEST: Final = "A difference between two programs, run with the packages installed here, not against what is deployed."
MOVED: Final = "The engine deletes and creates it, unless the program names the old place as an alias."
KEPT: Final = "The engine takes it for the same resource: the program names the old place as an alias."
_WIDTH: Final = 120
"""Characters of one value; the whole is in the Plan."""


@dataclass(frozen=True)
class Comparison:
    """The stack at a revision, and as it is now."""

    stack: str
    base: str
    """The revision, as a reader knows it."""
    difference: Difference
    findings: Findings
    notices: Sequence[str] = ()
    """What a reader should know before the rest."""
    accepted: Collection[str] = ()
    """Names of losses of data that a person has accepted."""

    @property
    def losses(self) -> list[Loss]:
        """The data that would be lost, the worst first."""
        changes = [change for change in self.difference.resources if change.loses]
        return [loss(change, self.stack, self.accepted) for change in changes]

    @property
    def stops(self) -> bool:
        """Whether a mandatory rule is newly broken, or data lost that nobody has given up."""
        return self.findings.stops or any(not item.accepted for item in self.losses)


def compared(base: Base, head: Plan, violations: Sequence[Violation], accepted: Collection[str] = ()) -> Comparison:
    """Compare ``base`` with the working tree's Plan and what the policies say to it.

    Args:
        base: The side before.
        head: The side after.
        violations: What the policies say to ``head``.
        accepted: Names of losses of data that a person has accepted; those of other stacks do no harm.
    """
    return Comparison(
        accepted=frozenset(accepted),
        stack=head.stack,
        base=base.revision.short,
        difference=difference(base.plan, seal(head, base.salt)),
        findings=compare_findings(base.violations, violations),
        notices=base.notices,
    )


def headline(comparison: Comparison) -> str:
    """Return ``2 replaced, 1 changed, 90 unchanged``."""
    found = comparison.difference
    parts = [f"{len(items)} {WORDS[sign]}" for sign in _KINDS if (items := found.of_kind(sign))]
    if found.outputs:
        parts.append(f"{len(found.outputs)} in outputs")
    return ", ".join([*parts, f"{found.unchanged} unchanged"])


_KINDS: Final[tuple[Kind, ...]] = ("replace", "delete", "create", "move", "update", "maybe")


def label(change: ResourceChange) -> str:
    """Return what is changed, e.g. ``lb.TargetGroup biometric-dev``, and where it was."""
    resource = change.resource
    text = f"{kind(resource)} {resource.name}"
    if change.kind == "move" and change.before is not None:
        old = change.before
        same = old.name == resource.name
        text += f" (was under {_parent(old.parent)})" if same else f" (was {old.name})"
    if change.kind == "replace" and not change.certain:
        text += " (may be replaced: not known yet)"
    return f"{text} LOSES {change.loses}" if change.loses else text


def moved(change: ResourceChange) -> str:
    """Return what the engine does with a resource that moves."""
    return KEPT if change.aliased else MOVED


def _parent(urn: str | None) -> str:
    return address(urn).rsplit("::", 1)[-1] if urn else "the stack"


def shown(value: Value) -> str:
    """Return one side of a change on one line; secrets are masked, long values cut."""
    if value is MISSING:
        return "none"
    if value is UNKNOWN:
        return "known after up"
    if isinstance(value, Secret):
        return SECRET
    text = json.dumps(masked(value), ensure_ascii=False)
    return text if len(text) <= _WIDTH else f"{text[:_WIDTH]}… ({len(text) - _WIDTH} more characters)"


def described(change: Change) -> str:
    """Return a property's change, e.g. ``port: 8080 → 9090 (forces replacement)``."""
    if change.kind == "unknown":
        text = "not known, may change"
    elif change.kind == "added":
        text = shown(change.after)
    elif change.kind == "removed":
        text = shown(change.before)
    else:
        text = f"{shown(change.before)} → {shown(change.after)}"
    return f"{change.where}: {text}{notes(change)}"


def notes(change: Change) -> str:
    """Return what is to be said behind a change, in brackets, or nothing."""
    said = [note for note in (change.note, "forces replacement" if change.replaces else "") if note]
    return f" ({'; '.join(said)})" if said else ""


def properties(change: ResourceChange) -> list[Change]:
    """Return the changes of a resource for a reader: unknown elements of one list, for one reason, are one."""
    kept: list[Change] = []
    for item in change.changes:
        if item.kind == "unknown" and item.path and isinstance(item.path[-1], int):
            item = replace(item, path=(*item.path[:-1], "*"), before=UNKNOWN, after=UNKNOWN)
        if not kept or item != kept[-1]:
            kept.append(item)
    return kept


def mark(change: Change) -> str:
    """Return the sign in front of a property."""
    return {"added": "+", "removed": "-", "changed": "~", "unknown": "?"}[change.kind]


def remarks(difference: Difference) -> list[str]:
    """Return what is not known, in sentences."""
    if not difference.unknown:
        return []
    return [
        f"Not known before a deployment: {plural(difference.unknown, 'value')}. What they refer to is the same on both "
        "sides, and so they are taken to be equal."
    ]
