"""Two Plans compared, as data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from berth.difference.forces import forces_replacement
from berth.difference.losses import lost
from berth.difference.moves import moves
from berth.difference.outcome import Change, Difference, Kind, ResourceChange, address
from berth.difference.values import compare
from berth.plan import UNKNOWN, Plan, Resource, Secret, Value

_ORDER: Final[Mapping[Kind, int]] = {"replace": 0, "delete": 1, "create": 2, "move": 3, "update": 4, "maybe": 5}
"""The dangerous first, after all that loses data."""


@dataclass(frozen=True)
class _Pair:
    """One resource on both sides, with all that differs before replacements elsewhere are known of."""

    before: Resource
    after: Resource
    changes: tuple[Change, ...]
    moved: bool = False


def difference(base: Plan, head: Plan) -> Difference:
    """Return what would be created, deleted, replaced, moved and changed if ``head`` followed ``base``.

    Resources are the same whose types, parents' types and names are; stack and project do not count.
    A property that is unknown on both sides is compared by the resources it refers to: it changes if they
    do, and may change if one of them is replaced. Secrets of both are sealed with one salt, or neither's are.
    """
    old = {address(resource.urn): resource for resource in base.resources}
    new = {address(resource.urn): resource for resource in head.resources}
    moved = moves([old[key] for key in old if key not in new], [new[key] for key in new if key not in old])
    pairs = [_pair(old[key], new[key]) for key in new if key in old]
    pairs += [_pair(before, after, moved=True) for before, after in moved]
    gone = {address(before.urn) for before, _ in moved}
    arrived = {address(after.urn) for _, after in moved}
    created = [resource for key, resource in new.items() if key not in old and key not in arrived]
    deleted = [resource for key, resource in old.items() if key not in new and key not in gone]

    replaced = _replaced(pairs)
    found = [ResourceChange("create", None, resource) for resource in created]
    found += [ResourceChange("delete", resource, None) for resource in deleted]
    unchanged = unknown = 0
    for pair in pairs:
        change = _judged(pair, replaced)
        unknown += sum(item.kind == "unknown" for item in pair.changes)
        if change is None:
            unchanged += 1
        else:
            unknown -= sum(item.kind == "unknown" for item in change.changes)
            found.append(change)
    found = [replace(change, loses=lost(change)) for change in found]
    return Difference(
        resources=tuple(
            sorted(found, key=lambda item: (not item.loses, _ORDER[item.kind], address(item.resource.urn)))
        ),
        outputs=tuple(change for change in compare(base.outputs, head.outputs) if change.kind != "unknown"),
        unchanged=unchanged,
        unknown=unknown,
    )


def _pair(before: Resource, after: Resource, *, moved: bool = False) -> _Pair:
    changes = [*_options(before, after), *_inputs(before, after)]
    return _Pair(before, after, tuple(changes), moved)


def _inputs(before: Resource, after: Resource) -> Iterator[Change]:
    for change in compare(before.inputs, after.inputs):
        if change.kind == "unknown":
            name = str(change.path[0])
            refers = [_addresses(side.property_dependencies.get(name, ())) for side in (before, after)]
            if refers[0] != refers[1]:
                change = replace(change, kind="changed", note=f"refers to {_names(refers[1])}, not {_names(refers[0])}")
        reason = forces_replacement(after.type, change.path, after.replace_on_changes)
        yield replace(change, replaces=reason) if reason else change


def _options(before: Resource, after: Resource) -> Iterator[Change]:
    """Compare how a resource is registered; the engine acts on it as it does on an input."""
    sides: list[dict[str, Value]] = []
    for resource in (before, after):
        options: dict[str, Value] = {
            "protect": resource.protect,
            "ignoreChanges": list(resource.ignore_changes),
            "external": resource.external,
        }
        if resource.provider:
            options["provider"] = address(resource.provider)
        sides.append(options)
    for change in compare(sides[0], sides[1]):
        yield replace(change, note="resource option")


def _replaced(pairs: Iterable[_Pair]) -> dict[str, bool]:
    """Return the addresses of all that is replaced, and whether that is certain.

    A replaced resource gets a new identity, so what refers to it by a property that cannot be changed is
    replaced as well, and so on.
    """
    pairs = list(pairs)
    replaced: dict[str, bool] = {}
    for pair in pairs:
        reasons = [change for change in pair.changes if change.replaces and change.kind != "unknown"]
        if reasons:
            replaced[address(pair.after.urn)] = any(_is_certain(change) for change in reasons)
    while True:
        grown = dict(replaced)
        for pair in pairs:
            key = address(pair.after.urn)
            for change in pair.changes:
                if key not in grown and change.replaces and change.kind == "unknown":
                    causes = _causes(pair.after, change, replaced)
                    if causes:
                        grown[key] = any(replaced[cause] for cause in causes)
        if grown == replaced:
            return replaced
        replaced = grown


def _is_certain(change: Change) -> bool:
    """Return whether the two values are known to differ; one that is a reference may turn out the same."""
    return not any(
        side is UNKNOWN or (isinstance(side, Secret) and side.value is UNKNOWN)
        for side in (change.before, change.after)
    )


def _causes(resource: Resource, change: Change, replaced: Mapping[str, bool]) -> list[str]:
    refers = _addresses(resource.property_dependencies.get(str(change.path[0]), ()))
    return [urn for urn in refers if urn in replaced]


def _judged(pair: _Pair, replaced: Mapping[str, bool]) -> ResourceChange | None:
    """Return the pair's change, with only those unknowns that a replacement elsewhere touches."""
    key = address(pair.after.urn)
    kept = []
    for change in pair.changes:
        if change.kind == "unknown":
            causes = _causes(pair.after, change, replaced)
            if not causes:
                continue
            change = replace(change, note=f"{_names(causes)} {'is' if len(causes) == 1 else 'are'} replaced")
        kept.append(change)
    kind: Kind
    if key in replaced:
        kind = "replace"
    elif pair.moved:
        kind = "move"
    elif not kept:
        return None
    else:
        kind = "maybe" if all(change.kind == "unknown" for change in kept) else "update"
    return ResourceChange(kind, pair.before, pair.after, tuple(kept), certain=replaced.get(key, True))


def _addresses(urns: Iterable[str]) -> list[str]:
    return sorted({address(urn) for urn in urns})


def _names(addresses: Sequence[str]) -> str:
    return ", ".join(item.rsplit("::", 1)[-1] for item in addresses) or "nothing"
