"""The engine's property values on the wire, as plain Python values of a Plan, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google.protobuf import struct_pb2
from pulumi.runtime import rpc

from berth.plan import UNKNOWN, Secret, Value
from policy.rules.wire import SECRET, SIGNATURE, properties


def from_struct(struct: struct_pb2.Struct) -> dict[str, Value]:
    """Return the properties of a request; see ``policy.rules.wire.properties``.

    Raises:
        ValueError: A property is of a kind that berth does not know.
    """
    return properties(struct, _special)


def _special(kind: str, members: dict[str, Value]) -> Value:
    """Return what an asset or archive is made of (a path, a text, a URI or more assets), or a resource's URN."""
    if kind == "special":
        raise ValueError(f"A property has a kind that berth does not know, with {', '.join(members)}.")
    return members["urn"] if kind == "resource" else {kind: members}


def to_struct(values: Mapping[str, Value]) -> struct_pb2.Struct:
    """Return an answer's properties for the wire."""
    struct = struct_pb2.Struct()
    struct.update(to_wire(values))
    return struct


def to_wire(value: Value) -> Any:
    """Return a value as the wire has it, as plain data: equal exactly where two values are."""
    if value is UNKNOWN:
        return rpc.UNKNOWN
    if isinstance(value, Secret):
        return {SIGNATURE: SECRET, "value": to_wire(value.value)}
    if isinstance(value, Mapping):
        return {key: to_wire(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_wire(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
