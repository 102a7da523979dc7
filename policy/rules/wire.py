"""A resource's properties as they come over the analyzer protocol, in the rules' normal form.

The SDK's own reading forgets what is secret, so that a message could show it, and ends the whole run at a signature
that it does not know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .values import UNKNOWN, UNKNOWN_MARKERS, Secret

if TYPE_CHECKING:
    from google.protobuf.struct_pb2 import Struct, Value

# The key that makes an object a special value, and what its text says the value is.
SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"
_OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
_OTHERS: Final = {
    "c44067f5952c0a294b673a41bacd8c17": "asset",
    "0def7320c3a5731c473e5ecbe6d01bc7": "archive",
    "5cf8f73096256a8f31e491e813e4eb8e": "resource",
}


class Properties(dict[str, Any]):
    """Properties in normal form; the type says that nothing is left to be done."""


def properties(struct: Struct) -> Properties:
    """Read all properties of a resource."""
    return Properties((key, _value(value)) for key, value in struct.fields.items())


def _value(value: Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return UNKNOWN if value.string_value in UNKNOWN_MARKERS else value.string_value
    if kind == "struct_value":
        return _object(value.struct_value)
    if kind == "list_value":
        return [_value(item) for item in value.list_value.values]
    if kind in ("number_value", "bool_value"):
        return getattr(value, kind)
    return None


def _object(struct: Struct) -> Any:
    fields = struct.fields
    # `in` first: reading a missing key of a protobuf map creates it.
    if SIGNATURE not in fields:
        return {key: _value(member) for key, member in fields.items()}
    signature = fields[SIGNATURE].string_value
    if signature == SECRET:
        return Secret(_value(fields["value"])) if "value" in fields else Secret(UNKNOWN)
    if signature == _OUTPUT:
        known = _value(fields["value"]) if "value" in fields else UNKNOWN
        return Secret(known) if "secret" in fields and fields["secret"].bool_value else known
    # An asset, or something newer: rules look for no such key, so that they refuse it wherever they read.
    return {_OTHERS.get(signature, "special"): {k: _value(v) for k, v in fields.items() if k != SIGNATURE}}
