"""Two values compared, down to the properties that differ."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from berth.difference.codec import canonical, holds_unknown
from berth.difference.outcome import MISSING, Change, Element
from berth.plan import UNKNOWN, Secret, Value
from berth.views.values import parsed

Path = tuple[str | int, ...]

_NAMES: Final = ("name", "Sid", "sid", "id", "key", "containerName", "sourceVolume", "containerPort")
"""What tells the elements of a list apart; the first that all of them have and that is theirs alone."""


def compare(before: Value, after: Value, path: Path = ()) -> Iterator[Change]:
    """Yield what differs, depth first, mappings by key.

    Two unknowns are yielded as ``unknown``. JSON texts are compared by what they say.
    """
    if isinstance(before, Secret) or isinstance(after, Secret):
        yield from _secrets(before, after, path)
    elif before is UNKNOWN and after is UNKNOWN:
        yield Change(path, "unknown", UNKNOWN, UNKNOWN)
    elif before is MISSING:
        yield Change(path, "added", MISSING, after)
    elif after is MISSING:
        yield Change(path, "removed", before, MISSING)
    elif isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted({*before, *after}):
            yield from compare(before.get(key, MISSING), after.get(key, MISSING), (*path, key))
    elif _is_list(before) and _is_list(after):
        yield from _lists(before, after, path)
    elif isinstance(before, str) and isinstance(after, str):
        yield from _texts(before, after, path)
    elif canonical(before) != canonical(after):
        yield Change(path, "changed", before, after)


def _is_list(value: Value) -> bool:
    return isinstance(value, list | tuple)


def _secrets(before: Value, after: Value, path: Path) -> Iterator[Change]:
    """Compare where at least one side is secret; both are masked, as the other may be the same value."""
    if before is MISSING or after is MISSING:
        yield Change(path, "added" if before is MISSING else "removed", before, after)
        return
    if not isinstance(before, Secret) or not isinstance(after, Secret):
        note = "becomes a secret" if isinstance(after, Secret) else "is no longer a secret"
        yield Change(path, "changed", Secret(None), Secret(None), note)
        return
    if before.value is UNKNOWN or after.value is UNKNOWN:
        if before.value is after.value:
            yield Change(path, "unknown", before, after)
        else:
            yield Change(path, "changed", before, after, "known on one side only")
        return
    if canonical(before) != canonical(after):
        yield Change(path, "changed", before, after, "another secret")
    elif holds_unknown(before):
        yield Change(path, "unknown", before, after)


def _texts(before: str, after: str, path: Path) -> Iterator[Change]:
    if before == after:
        return
    documents = parsed(before), parsed(after)
    if None not in documents:
        yield from compare(*documents, path)
    else:
        yield Change(path, "changed", before, after)


def _lists(before: Sequence[Value], after: Sequence[Value], path: Path) -> Iterator[Change]:
    name = next((name for name in _NAMES if _names(before, name) and _names(after, name)), None)
    if name and (before or after):
        yield from _named(before, after, path, name)
        return
    texts = [canonical(item) for item in before], [canonical(item) for item in after]
    for tag, start, end, other, other_end in difflib.SequenceMatcher(None, *texts, autojunk=False).get_opcodes():
        if tag == "equal":
            # Equal unknowns are not known to be equal.
            for offset in range(end - start):
                yield from compare(before[start + offset], after[other + offset], (*path, other + offset))
            continue
        for offset in range(max(end - start, other_end - other)):
            left = before[start + offset] if start + offset < end else MISSING
            right = after[other + offset] if other + offset < other_end else MISSING
            index = start + offset if right is MISSING else other + offset
            yield from compare(left, right, (*path, index))


def _names(items: Sequence[Value], name: str) -> list[str] | None:
    """Return the elements' names if each has one of its own; None otherwise."""
    names = [item.get(name) if isinstance(item, Mapping) else None for item in items]
    if any(not isinstance(value, str | int) or isinstance(value, bool) for value in names):
        return None
    texts = [str(value) for value in names]
    return texts if len(set(texts)) == len(texts) else None


def _named(before: Sequence[Value], after: Sequence[Value], path: Path, name: str) -> Iterator[Change]:
    old = {str(item[name]): item for item in before}
    new = {str(item[name]): item for item in after}
    for key in sorted({*old, *new}):
        yield from compare(old.get(key, MISSING), new.get(key, MISSING), (*path, Element(key)))
    kept = [key for key in old if key in new], [key for key in new if key in old]
    if kept[0] != kept[1]:
        yield Change(path, "changed", kept[0], kept[1], "another order")
