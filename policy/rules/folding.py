r"""The spelling of keys where their reader does not care about case.

Go's `encoding/json` takes a key for a field's if they are equal under simple Unicode folding (`strings.EqualFold`), so
that `User` and `u\u017fer`, with a long s, are `user`; the later of two wins, and objects are merged. The AWS provider
reads task and job definitions so.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from .values import Field, Malformed, Secret

_READ: Final = """
    add allowPrivilegeEscalation annotations appArmorProfile capabilities container containerDefinitions
    containerProperties containers device devices dockerSecurityOptions dockerVolumeConfiguration driverOpts drop
    ecsProperties eksProperties environment ephemeralContainers host hostIPC hostNetwork hostPath hostPID hostPort
    hostProcess hostUsers initContainers ipcMode level lifecycle linuxParameters livenessProbe localhostProfile
    logConfiguration logDriver metadata name networkMode nodeProperties nodeRangeProperties operatingSystemFamily os
    pidMode podProperties ports privileged procMount readinessProbe readOnlyRootFilesystem readonlyRootFilesystem
    requiresCompatibilities role runAsNonRoot runAsUser runtimePlatform seccompProfile securityContext
    seLinuxOptions sourcePath spec startupProbe sysctls taskProperties type user volumes windowsOptions
"""
KNOWN: Final = frozenset(_READ.split())
"""Every key that a rule reads in a definition, as AWS spells it."""

Spellings = Mapping[str, str]
"""The one spelling of a key, by its fold; and of keys that are equal but for case, each by itself."""


def spellings(keys: Iterable[str], *apart: str) -> Spellings:
    """Return the spellings of keys; each of ``apart`` only stands for itself."""
    return {key.casefold(): key for key in keys if key not in apart} | {key: key for key in apart}


# Of the two that differ in case alone, Docker's readonlyRootFilesystem and Kubernetes', each stays itself.
_SPELLINGS: Final = spellings(KNOWN, "readOnlyRootFilesystem")


def read(field: Field, what: str) -> Field:
    """Return a definition that stands there as data or as a JSON text, with its known keys as AWS spells them.

    Raises:
        Unreadable: It is unknown, no JSON, or has a key twice.
    """
    if field.is_text():
        return field.once("folded", lambda: field.parsed(lambda text: parsed(text, field.path, what)))
    return field.once("folded", lambda: field.changed(lambda value: folded(value, field.path)))


def folded(value: Any, path: str) -> Any:
    """Return plain data with every known key in the spelling that AWS knows it by.

    Raises:
        Malformed: Two keys of one object are the same to who folds them: it is left open which of them wins.
    """
    if isinstance(value, Secret):
        return Secret(folded(value.value, path))
    if isinstance(value, dict):
        return _object([(key, folded(member, path)) for key, member in value.items()], path, _SPELLINGS)
    return [folded(item, path) for item in value] if isinstance(value, list) else value


def parsed(text: str, path: str, what: str, known: Spellings = _SPELLINGS) -> Any:
    """Read a JSON text as ``folded``.

    Raises:
        Malformed: It is no JSON, or has a key twice in one object.
    """
    try:
        return json.loads(text, object_pairs_hook=lambda pairs: _object(pairs, path, known))
    except (ValueError, RecursionError):
        raise Malformed(path, "not JSON", what) from None


def _object(pairs: list[tuple[str, Any]], path: str, known: Spellings) -> dict[str, Any]:
    found: dict[str, Any] = {}
    seen: set[str] = set()
    for key, value in pairs:
        fold = key.casefold()
        canonical = known.get(key[:1].lower() + key[1:]) or known.get(fold, key)
        if canonical in found or fold in seen:
            raise Malformed(path, f"JSON with the key {canonical} twice in one object", "each key once")
        found[canonical] = value
        seen |= {fold} & known.keys()
    return found
