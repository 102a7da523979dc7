"""Resources that only have another name or another parent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from berth.difference.codec import canonical
from berth.difference.outcome import address
from berth.plan import Resource, Value

_Look = Callable[[Resource], str]
"""What two resources share if they are one; empty where that cannot be said."""


def moves(gone: Sequence[Resource], new: Sequence[Resource]) -> list[tuple[Resource, Resource]]:
    """Return the pairs that are one resource in two places.

    Those that the program says are, by an alias; of the same type and name under another parent; or of the same type
    and inputs under another name, if no other resource is just as alike and the inputs say something: two that are
    known to share nothing but their type are not called the same.
    """
    places = {address(resource.urn): resource for resource in gone}
    pairs = [
        (places[address(alias)], resource) for resource in new for alias in resource.aliases if address(alias) in places
    ]
    taken = {id(side) for pair in pairs for side in pair}
    rest = [item for item in gone if id(item) not in taken], [item for item in new if id(item) not in taken]
    for look in (_by_name, _by_inputs):
        found = _matched(*rest, look)
        pairs += found
        taken = {id(side) for pair in found for side in pair}
        rest = [item for item in rest[0] if id(item) not in taken], [item for item in rest[1] if id(item) not in taken]
    return pairs


def _matched(gone: Sequence[Resource], new: Sequence[Resource], look: _Look) -> list[tuple[Resource, Resource]]:
    """Return the pairs of which each side looks like no other of its own side."""
    sides: list[dict[str, list[Resource]]] = []
    for resources in (gone, new):
        by_look: dict[str, list[Resource]] = defaultdict(list)
        for resource in resources:
            if key := look(resource):
                by_look[key].append(resource)
        sides.append(by_look)
    before, after = sides
    return [
        (before[key][0], after[key][0])
        for key in sorted(before.keys() & after.keys())
        if len(before[key]) == len(after[key]) == 1
    ]


def _by_name(resource: Resource) -> str:
    return f"{resource.type}::{resource.name}"


def _by_inputs(resource: Resource) -> str:
    if not _says_something(resource.inputs):
        return ""
    refers = {key: [address(urn) for urn in urns] for key, urns in sorted(resource.property_dependencies.items())}
    return canonical([resource.type, resource.inputs, refers])


def _says_something(inputs: Mapping[str, Value]) -> bool:
    """Return whether something known is among the inputs; a flag is no sign of identity."""
    return any(isinstance(value, str | list | Mapping) and value for value in inputs.values())
