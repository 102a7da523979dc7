"""A stack file as text: few lines, and the same to every reader of YAML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import yaml

from berth.importing.draft import Stack
from berth.yaml_file import resolved

_WIDTH: Final = 120
_SHORT: Final = 90
"""Characters of an object that stands on one line."""


class _Dumper(yaml.SafeDumper):
    """Writes lists, and objects that are short and hold no others, on one line."""


def _mapping(dumper: _Dumper, value: Mapping[str, Any]) -> yaml.Node:
    node = dumper.represent_mapping("tag:yaml.org,2002:map", value, flow_style=False)
    plain = all(not isinstance(one, Mapping | list) for one in value.values())
    node.flow_style = plain and sum(len(f"{name}{one}") + 4 for name, one in value.items()) <= _SHORT
    return node


def _text(dumper: _Dumper, value: str) -> yaml.Node:
    # The engine's YAML reads some words as numbers that PyYAML leaves alone, such as 0o17.
    plain = bool(value) and resolved(value) == value
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=None if plain else '"')


_Dumper.add_representer(dict, _mapping)
_Dumper.add_representer(str, _text)
_Dumper.add_representer(
    list, lambda dumper, value: dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=True)
)


def text(stack: Stack) -> str:
    """Return the stack file, which says in its first line what it was made of."""
    body: str = yaml.dump({"config": stack.config()}, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH)
    return f"# From {stack.origin}, by `berth import`.\n{body}"
