"""The engine's property values on the wire, as plain Python values of a Plan, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from google.protobuf import struct_pb2
from pulumi.runtime import rpc

from berth.plan import UNKNOWN, Secret, Value

# A double holds every integer up to here exactly.
_EXACT: Final = 2**53


def from_struct(struct: struct_pb2.Struct) -> dict[str, Value]:
    """Return the properties of a request, keys sorted.

    Keys are sorted since a protobuf map has no order of its own, and a Plan must not change from
    one run to the next. A null says what a missing key says and is left out, as the engine does.
    """
    fields = struct.fields
    return {key: from_value(fields[key]) for key in sorted(fields) if fields[key].WhichOneof("kind") != "null_value"}


def from_value(value: struct_pb2.Value) -> Value:
    """Return one value: unknowns and secrets marked, whole numbers as integers again."""
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return UNKNOWN if value.string_value == rpc.UNKNOWN else value.string_value
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() and abs(number) <= _EXACT else number
    if kind == "bool_value":
        return value.bool_value
    if kind == "list_value":
        return [from_value(item) for item in value.list_value.values]
    if kind == "struct_value":
        return _from_object(value.struct_value)
    return None


def _from_object(struct: struct_pb2.Struct) -> Value:
    """Return a mapping, or what the special signature in it says it is."""
    fields = struct.fields
    # ``in`` first: reading a missing key of a protobuf map creates it.
    signature = fields[rpc._special_sig_key].string_value if rpc._special_sig_key in fields else None
    if signature is None:
        return {key: from_value(fields[key]) for key in sorted(fields)}
    if signature == rpc._special_secret_sig:
        return Secret(from_value(fields["value"]))
    if signature == rpc._special_resource_sig:
        return from_value(fields["urn"])
    if signature == rpc._special_asset_sig:
        return {"asset": _content(struct)}
    if signature == rpc._special_archive_sig:
        return {"archive": _content(struct)}
    raise ValueError(f"A property carries the signature {signature!r}, which berth does not know.")


def _content(struct: struct_pb2.Struct) -> dict[str, Value]:
    """Return where an asset's or archive's content comes from: a path, a text, a URI or more assets."""
    fields = struct.fields
    return {key: from_value(fields[key]) for key in sorted(fields) if key != rpc._special_sig_key}


def to_struct(values: Mapping[str, Value]) -> struct_pb2.Struct:
    """Return an answer's properties for the wire."""
    struct = struct_pb2.Struct()
    struct.update({key: _to_wire(value) for key, value in values.items()})
    return struct


def _to_wire(value: Value) -> Any:
    if value is UNKNOWN:
        return rpc.UNKNOWN
    if isinstance(value, Secret):
        return {rpc._special_sig_key: rpc._special_secret_sig, "value": _to_wire(value.value)}
    if isinstance(value, Mapping):
        return {key: _to_wire(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_to_wire(item) for item in value]
    return value
