"""Property bags as they travel between the engine and a provider, and the two marks in them that matter here."""

from typing import Any

from google.protobuf import json_format, struct_pb2

# The engine's sentinel for a value that is not known yet; pulumi.runtime.rpc.UNKNOWN is the same string.
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

Properties = dict[str, Any]


def to_dict(bag: struct_pb2.Struct) -> Properties:
    """Read a property bag."""
    return json_format.MessageToDict(bag)


def to_struct(properties: Properties) -> struct_pb2.Struct:
    """Write a property bag; a null is left out, as the bridged providers do."""
    bag = struct_pb2.Struct()
    bag.update({key: value for key, value in properties.items() if value is not None})
    return bag


def has_unknown(value: object) -> bool:
    """Tell whether anything inside the value is still unknown."""
    if isinstance(value, dict):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(has_unknown(item) for item in value)
    return value == UNKNOWN
