"""A Plan as text and back, for the way from one process to another.

Nothing is lost but secrets: each becomes a keyed hash, which tells whether two secrets are equal and nothing else. So
no secret leaves the process that recorded it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any, Final

from google.protobuf import json_format, struct_pb2

from berth.plan import UNKNOWN, Notice, Plan, Resource, Secret, Value
from berth.values import from_struct, to_struct, to_wire

_TUPLES: Final = ("dependencies", "ignore_changes", "replace_on_changes", "aliases")


def seal(plan: Plan, salt: bytes) -> Plan:
    """Return a Plan with its secrets sealed: two of them can be compared if both were with one salt.

    The salt is made for one comparison and kept nowhere, so that nobody can try out what a secret may be.
    """
    resources = tuple(dataclasses.replace(one, inputs=sealed(one.inputs, salt)) for one in plan.resources)
    return dataclasses.replace(plan, resources=resources, outputs=sealed(plan.outputs, salt))


def sealed(value: Value, salt: bytes) -> Value:
    """Return ``value`` with a keyed hash in each secret, beside ``UNKNOWN`` where a part of the secret is unknown."""
    if isinstance(value, Secret):
        if value.value is UNKNOWN:
            return value
        digest = hmac.new(salt, canonical(value.value).encode(), hashlib.sha256).hexdigest()
        return Secret([digest, UNKNOWN] if holds_unknown(value.value) else digest)
    if isinstance(value, Mapping):
        return {key: sealed(item, salt) for key, item in value.items()}
    return [sealed(item, salt) for item in value] if isinstance(value, list | tuple) else value


def canonical(value: Value) -> str:
    """Return a text that two values share exactly when they are equal."""
    return json.dumps(to_wire(value), sort_keys=True)


def holds_unknown(value: Value) -> bool:
    """Return whether any part of ``value`` is unknown."""
    if isinstance(value, Secret):
        return holds_unknown(value.value)
    if isinstance(value, Mapping):
        return any(map(holds_unknown, value.values()))
    return any(map(holds_unknown, value)) if isinstance(value, list | tuple) else value is UNKNOWN


def dumps(plan: Plan, salt: bytes) -> str:
    """Return ``plan`` as text, its secrets sealed with ``salt``."""
    whole = vars(seal(plan, salt))
    parts = {name: [vars(one) for one in whole[name]] for name in ("resources", "notices")}
    return json_format.MessageToJson(to_struct(whole | parts), indent=None)


def loads(text: str) -> Plan:
    """Return the Plan that ``dumps`` wrote."""
    document: dict[str, Any] = from_struct(json_format.Parse(text, struct_pb2.Struct()))
    resources = tuple(map(_resource, document.pop("resources")))
    return Plan(resources=resources, notices=tuple(Notice(**one) for one in document.pop("notices")), **document)


def _resource(fields: dict[str, Any]) -> Resource:
    fields |= {name: tuple(fields[name]) for name in _TUPLES}
    fields["property_dependencies"] = {key: tuple(urns) for key, urns in fields["property_dependencies"].items()}
    return Resource(**fields)
