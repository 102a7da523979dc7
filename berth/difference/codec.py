"""A Plan as JSON and back, for the way from one process to another.

Nothing is lost but secrets: each becomes a ``Sealed``, a keyed hash that tells whether two secrets are
equal and nothing else. So no secret leaves the process that recorded it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from berth.plan import UNKNOWN, Notice, Plan, Resource, Secret, Value

# One letter a tag: a plan has tens of thousands of values.
_UNKNOWN: Final = "u"
_SECRET: Final = "s"
_MAPPING: Final = "m"


@dataclass(frozen=True)
class Sealed:
    """Stands inside a ``Secret`` for its value."""

    digest: str
    salt: bytes = field(repr=False)
    """What the hash is keyed with: made for one comparison, kept nowhere."""
    partly_unknown: bool = False
    """Whether the value holds an unknown: then equal hashes do not say that it stays the same."""


def seal(secret: Secret, salt: bytes) -> Secret:
    """Return ``secret`` with its value replaced by a keyed hash; one that is not known stays so."""
    if secret.value is UNKNOWN or isinstance(secret.value, Sealed):
        return secret
    text = canonical(secret.value)
    digest = hmac.new(salt, text.encode(), hashlib.sha256).hexdigest()
    return Secret(Sealed(digest, salt, partly_unknown=holds_unknown(secret.value)))


def canonical(value: Value) -> str:
    """Return a text that two values share exactly when they are equal.

    A whole number has one text, be it an integer or a float: the wire knows doubles only.
    """
    return json.dumps(_encode(value, _clear), sort_keys=True, ensure_ascii=True, separators=(",", ":"))


def holds_unknown(value: Value) -> bool:
    """Return whether any part of ``value`` is unknown."""
    if isinstance(value, Secret):
        return holds_unknown(value.value)
    if isinstance(value, Sealed):
        return value.partly_unknown
    if isinstance(value, Mapping):
        return any(holds_unknown(item) for item in value.values())
    if isinstance(value, list | tuple):
        return any(holds_unknown(item) for item in value)
    return value is UNKNOWN


def dumps(plan: Plan, salt: bytes) -> str:
    """Return ``plan`` as text, its secrets sealed with ``salt``."""

    def sealed(secret: Secret) -> Any:
        content = seal(secret, salt).value
        if content is UNKNOWN:
            return None
        return [content.digest, content.salt.hex(), content.partly_unknown]

    resources = [
        {
            item.name: _encode(getattr(resource, item.name), sealed)
            for item in dataclasses.fields(Resource)
            if item.name != "property_dependencies"
        }
        | {"property_dependencies": {key: list(urns) for key, urns in resource.property_dependencies.items()}}
        for resource in plan.resources
    ]
    return json.dumps(
        {
            "stack": plan.stack,
            "resources": resources,
            "outputs": _encode(plan.outputs, sealed),
            "config": dict(plan.config),
            "notices": [dataclasses.asdict(notice) for notice in plan.notices],
        }
    )


def loads(text: str) -> Plan:
    """Return the Plan that ``dumps`` wrote."""
    document = json.loads(text)
    return Plan(
        stack=document["stack"],
        resources=tuple(_resource(fields) for fields in document["resources"]),
        outputs=_decode(document["outputs"]),
        config=document["config"],
        notices=tuple(Notice(**fields) for fields in document["notices"]),
    )


def _resource(fields: Mapping[str, Any]) -> Resource:
    values = {name: _decode(value) for name, value in fields.items() if name != "property_dependencies"}
    for name in ("dependencies", "ignore_changes", "replace_on_changes", "aliases"):
        values[name] = tuple(values[name])
    dependencies = {key: tuple(urns) for key, urns in fields["property_dependencies"].items()}
    return Resource(property_dependencies=dependencies, **values)


def _encode(value: Value, secret: Any) -> Any:
    """Return JSON that tells a mapping from a mark: only a mark and a wrapped mapping are objects."""
    if value is UNKNOWN:
        return {_UNKNOWN: 1}
    if isinstance(value, Secret):
        return {_SECRET: secret(value)}
    if isinstance(value, Mapping):
        return {_MAPPING: {str(key): _encode(value[key], secret) for key in value}}
    if isinstance(value, list | tuple):
        return [_encode(item, secret) for item in value]
    if isinstance(value, float) and value.is_integer() and secret is _clear:
        return int(value)
    return value


def _clear(secret: Secret) -> Any:
    """Encode a secret as it is; only for texts that stay in this process or are hashed."""
    content = secret.value
    return content.digest if isinstance(content, Sealed) else [_encode(content, _clear)]


def _decode(value: Any) -> Value:
    if isinstance(value, list):
        return [_decode(item) for item in value]
    if not isinstance(value, dict):
        return value
    ((tag, content),) = value.items()
    if tag == _UNKNOWN:
        return UNKNOWN
    if tag == _MAPPING:
        return {key: _decode(item) for key, item in content.items()}
    if content is None:
        return Secret(UNKNOWN)
    digest, salt, partly_unknown = content
    return Secret(Sealed(digest, bytes.fromhex(salt), partly_unknown))
