"""Keys that the AWS provider takes for others, because Go's decoder folds them."""

from __future__ import annotations

import json
from typing import Any, Final

from ..cases.ecs import TASK, definition
from ..support import Planned, edited
from .attack import Attack, Harmless

LONG_S: Final = "\u017f"
KELVIN: Final = "\u212a"


def _text(text: str) -> Planned:
    return Planned(TASK, {"family": "it", "networkMode": "awsvpc", "containerDefinitions": text})


def _pairs(**members: Any) -> str:
    """Return a good definition as JSON, with further members behind the good ones."""
    good = json.dumps(definition())
    more = ", ".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in members.items())
    return f"[{good[:-1]}, {more}}}]"


def _inside(path: str, key: str, value: Any) -> str:
    """Return a good definition as JSON, with a further member in one of its objects."""
    containers = [edited(definition(), f"{path}.{key}" if path else key, value)]
    return json.dumps(containers)


_BESIDE: Final = {
    # The later of two wins, and each of these stands behind the one that a careless reader sees.
    "ecs-non-root": ("user", "0"),
    "ecs-not-privileged": ("privileged", True),
    "ecs-no-added-capabilities": ("linuxParameters", {"capabilities": {"add": ["SYS_ADMIN"], "drop": ["ALL"]}}),
    "ecs-no-host-devices": ("linuxParameters", {"devices": [{"hostPath": "/dev/sda"}]}),
    "ecs-confined": ("dockerSecurityOptions", ["apparmor:unconfined", "no-new-privileges"]),
    "ecs-no-plain-secrets": ("environment", [{"name": "DB_PASSWORD", "value": "x"}]),
}


def _spellings(key: str) -> list[str]:
    found = {key.upper(), key.title(), key[0].upper() + key[1:], key[:-1] + key[-1].upper()}
    for plain, folds in (("s", LONG_S), ("k", KELVIN)):
        for at, letter in enumerate(key):
            if letter.lower() == plain:
                found.add(key[:at] + folds + key[at + 1 :])
    return sorted(found - {key})


def _without(key: str) -> dict[str, Any]:
    return {name: value for name, value in definition().items() if name != key}


ATTACKS: Final = [
    *(
        Attack(f"{rule}: {other!a} behind {key}", rule, _text(_pairs(**{other: value})))
        for rule, (key, value) in _BESIDE.items()
        for other in _spellings(key)
    ),
    *(
        Attack(f"{rule}: {other!a} in place of {key}", rule, _text(json.dumps([_without(key) | {other: value}])))
        for rule, (key, value) in _BESIDE.items()
        for other in _spellings(key)
    ),
    *(Attack(f"{key} twice, {rule}", rule, _text(_pairs(**{key: value}))) for rule, (key, value) in _BESIDE.items()),
    *(
        Attack(f"{path}.{key!a}", rule, _text(_inside(path, key, value)))
        for rule, path, key, value in (
            ("ecs-no-added-capabilities", "linuxParameters", "Capabilitie" + LONG_S, {"add": ["SYS_ADMIN"]}),
            ("ecs-no-added-capabilities", "linuxParameters.capabilities", "ADD", ["SYS_ADMIN"]),
            ("ecs-no-added-capabilities", "linuxParameters.capabilities", "Add", ["ALL"]),
            ("ecs-no-host-devices", "linuxParameters", "device" + LONG_S, [{"hostPath": "/dev/sda"}]),
            ("ecs-no-host-devices", "linuxParameters", "Devices", [{"hostPath": "/dev/sda"}]),
            ("ecs-no-plain-secrets", "environment[0]", "NAME", "DB_PASSWORD"),
            ("ecs-no-plain-secrets", "environment[0]", "Name", "API_KEY"),
        )
    ),
    *(
        Attack(
            f"{key!a} of an object of {token}",
            rule,
            Planned(token, {"containerDefinitions": [definition() | {key: value}]}),
        )
        for token in ("aws-native:ecs:TaskDefinition", TASK)
        for rule, key, value in (
            ("ecs-non-root", "User", "0"),
            ("ecs-non-root", "u" + LONG_S + "er", "0"),
            ("ecs-not-privileged", "Privileged", True),
        )
    ),
    Attack("Kubernetes' spelling beside Docker's", "ecs-non-root", _text(_pairs(readOnlyRootFilesystem=False))),
    Attack("a second value behind the list", "ecs-non-root", _text(json.dumps([definition()]) + '[{"user": "0"}]')),
    Attack("a mark of the byte order", "ecs-non-root", _text("\ufeff" + json.dumps([definition() | {"user": "0"}]))),
    Attack("deeper than anyone reads", "ecs-non-root", _text("[" * 100_000)),
    Attack("a comment", "ecs-non-root", _text("// fine\n" + json.dumps([definition() | {"user": "0"}]))),
]
"""Of two keys that fold alike, the one behind wins, and objects are merged."""

HARMLESS: Final = [
    Harmless("another spelling of what is good", _text(json.dumps([_without("user") | {"User": "10001"}]))),
    Harmless("keys that are nobody's", _text(_inside("", "dockerLabels", {"team": "a", "Team": "b"}))),
    Harmless("a secret's name is no variable", _text(json.dumps([definition()]))),
]
