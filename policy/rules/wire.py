"""A resource's properties as they come over the engine's protocols, as plain values.

The SDK's own reading forgets what is secret, so that a message could show it, and ends the whole run at a signature
that it does not know.
"""

from __future__ import annotations

from collections.abc import Callable
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
# A double holds every integer up to here exactly.
_EXACT: Final = 2**53

Special = Callable[[str, dict[str, Any]], Any]
"""Makes a value of an asset, an archive, a resource or, by the kind ``special``, of something newer."""


class Properties(dict[str, Any]):
    """Properties in normal form; the type says that nothing is left to be done."""


def _kept(kind: str, members: dict[str, Any]) -> Any:
    # Rules look for no such key, so that they refuse it wherever they read.
    return {kind: members}


def properties(struct: Struct, special: Special = _kept) -> Properties:
    """Read all properties of a resource: unknowns and secrets marked, whole numbers as integers again, keys sorted.

    A protobuf map has no order of its own. A null says what a missing key says and is left out, as the engine does.
    """
    values = ((key, _value(struct.fields[key], special)) for key in sorted(struct.fields))
    return Properties((key, value) for key, value in values if value is not None)


def _value(value: Value, special: Special) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return UNKNOWN if value.string_value in UNKNOWN_MARKERS else value.string_value
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() and abs(number) <= _EXACT else number
    if kind == "bool_value":
        return value.bool_value
    if kind == "list_value":
        return [_value(item, special) for item in value.list_value.values]
    return _object(value.struct_value, special) if kind == "struct_value" else None


def _object(struct: Struct, special: Special) -> Any:
    fields = struct.fields
    members = {key: _value(fields[key], special) for key in sorted(fields) if key != SIGNATURE}
    # `in` first: reading a missing key of a protobuf map creates it.
    if SIGNATURE not in fields:
        return members
    signature = fields[SIGNATURE].string_value
    if signature == SECRET:
        return Secret(members.get("value", UNKNOWN))
    if signature == _OUTPUT:
        known = members.get("value", UNKNOWN)
        return Secret(known) if members.get("secret") is True else known
    return special(_OTHERS.get(signature, "special"), members)
