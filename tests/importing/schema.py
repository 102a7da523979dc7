"""Every key of a JSON schema, each with a value that the schema allows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "schemas"
ANY = "any"
"""Stands for a name of the file's author."""


class Schema:
    """One schema, its references followed."""

    def __init__(self, name: str) -> None:
        """Read it."""
        self.whole = json.loads((FOLDER / name).read_text())

    def paths(self, schema: Any, prefix: str = "", deepest: int = 6) -> Iterator[tuple[str, Any]]:
        """Yield the paths of all keys below a schema that hold no others, with a value."""
        schema = self.resolved(schema)
        inner = [(name, one) for name, one in schema.get("properties", {}).items()]
        if isinstance(more := schema.get("additionalProperties"), Mapping):
            inner.append((ANY, more))
        inner += [
            (name, one) for name, one in schema.get("patternProperties", {}).items() if name == "^[a-zA-Z0-9._-]+$"
        ]
        if not inner or deepest == 0:
            yield prefix, self.sample(schema)
        for name, one in inner if deepest else ():
            key = ANY if name.startswith("^") else name
            yield from self.paths(one, f"{prefix}.{key}" if prefix else key, deepest - 1)

    def resolved(self, schema: Any) -> dict[str, Any]:
        """Return a schema without references and choices: the object among several."""
        if "$ref" in schema:
            found: Any = self.whole
            for part in schema["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            return self.resolved(found)
        for key in ("oneOf", "anyOf", "allOf"):
            if key in schema and "properties" not in schema:
                choices = [self.resolved(one) for one in schema[key]]
                objects = [one for one in choices if "properties" in one or "additionalProperties" in one]
                return (objects or choices)[0]
        return dict(schema)

    def sample(self, schema: Any) -> Any:
        """Return a value that a schema allows."""
        schema = self.resolved(schema)
        if "enum" in schema:
            return schema["enum"][-1]
        kinds = schema.get("type", "string")
        kind = kinds if isinstance(kinds, str) else next(one for one in kinds if one != "null")
        if kind == "array":
            return [self.sample(schema.get("items", {}))]
        if kind == "object":
            return {name: self.sample(schema["properties"][name]) for name in schema.get("required", ())}
        return {"string": "7", "integer": 7, "number": 7, "boolean": True}.get(kind, "7")
