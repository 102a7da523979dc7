"""Which changed property makes the provider replace a resource, by the records of resource types.

It covers what this project's programs create, and is no substitute for the engine's own preview: a
property that is not named there is taken to be changed in place.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from berth.resource_types import known


def forces_replacement(type_token: str, path: Sequence[str | int], asked: Collection[str] = ()) -> str:
    """Return the source that says so, or an empty text where a change of ``path`` replaces nothing.

    Args:
        type_token: type of the resource.
        path: of the property.
        asked: paths for which the program asks for a replacement, ``*`` for all.
    """
    place = [step for step in path if isinstance(step, str) and type(step) is str]
    # What stands in brackets is no part of a declared path: an index, or the name of a list's element.
    places = {".".join(place[:depth]) for depth in range(1, len(place) + 1)}
    if "*" in asked or not places.isdisjoint(asked):
        return "the program: replaceOnChanges"
    kind = known(type_token)
    if kind is None or kind.replaced_by is None:
        return ""
    row = kind.replaced_by
    if "*" in row.properties and place and place[0] not in row.but:
        return row.source
    return "" if places.isdisjoint(row.properties) else row.source
