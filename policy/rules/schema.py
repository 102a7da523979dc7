"""The part of JSON Schema that the rules' configuration uses.

The CLI checks values, too, but only under names that it knows: this is what both it and ``berth preview`` agree on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

_WORDS: Final = {"string": "a text", "boolean": "true or false", "integer": "a whole number", "number": "a number"}
_TYPES: Final[dict[str, Callable[[Any], bool]]] = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    # Numbers come off the wire as floats.
    "integer": lambda value: isinstance(value, int | float) and not isinstance(value, bool) and value % 1 == 0,
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}

KEYWORDS: Final = frozenset(
    {"type", "items", "pattern", "enum", "minimum", "maximum", "description", "default", "examples"}
    | {"properties", "required", "additionalProperties"}
)
"""What a rule's schema may say; a word that nobody checks would be a promise that nobody keeps."""


def problems(schema: Mapping[str, Any], value: Any) -> Iterator[str]:
    """Yield what is wrong with a value, as the end of a sentence that begins with its name."""
    if not (_TYPES[schema["type"]](value) and _fits(schema, value)):
        yield f"must be {described(schema)}"
    elif schema["type"] == "array":
        for index, item in enumerate(value):
            yield from (f"[{index}] {problem}" for problem in problems(schema["items"], item))
    elif schema["type"] == "object":
        known = schema["properties"]
        yield from (
            f"has no {key}; it must have {', '.join(schema['required'])}"
            for key in schema["required"]
            if key not in value
        )
        for key in sorted(value):
            if key in known:
                yield from (f"{key} {problem}" for problem in problems(known[key], value[key]))
            else:
                yield f"has no such key: {key}; it knows {', '.join(known)}"


def _fits(schema: Mapping[str, Any], value: Any) -> bool:
    return (
        ("enum" not in schema or value in schema["enum"])
        # Python's $ lets a line end follow, that of JSON Schema does not.
        and ("pattern" not in schema or re.search(schema["pattern"].replace("$", r"\Z"), value) is not None)
        and ("minimum" not in schema or value >= schema["minimum"])
        and ("maximum" not in schema or value <= schema["maximum"])
    )


def described(schema: Mapping[str, Any]) -> str:
    """Say what a schema allows, in a few words."""
    if "enum" in schema:
        return " or ".join(str(one) for one in schema["enum"])
    if schema["type"] == "array":
        return f"a list, each {described(schema['items'])}"
    if schema["type"] == "object":
        return f"an object with {', '.join(schema['properties'])}"
    words = [_WORDS[schema["type"]]]
    if "pattern" in schema:
        words.append(f"that matches {schema['pattern']}")
    if "minimum" in schema:
        words.append(f"from {schema['minimum']:g}")
    if "maximum" in schema:
        words.append(f"up to {schema['maximum']:g}")
    return " ".join(words)
