"""A service in a stack file: a new file of few lines, or some more in one that is there, comments kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import yaml

SERVICES: Final = "berth:services"


class CannotAddError(Exception):
    """The service cannot be added to the text without a change to other lines; says why."""


def written(region: str, backend: str, name: str, service: Mapping[str, Any]) -> str:
    """Return a new stack file."""
    lines = ["config:", f"  aws:region: {region}", f"  berth:backend: {backend}", f"  {SERVICES}:"]
    return "\n".join([*lines, *entry(name, service, "    ")]) + "\n"


def entry(name: str, service: Mapping[str, Any], indent: str) -> list[str]:
    """Return a service's lines."""
    text = yaml.safe_dump({name: dict(service)}, sort_keys=False, default_flow_style=False, width=1000)
    return [indent + line for line in text.splitlines()]


def services_of(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the services of a stack's config, by name; the sample where none is named."""
    several = config.get(SERVICES)
    if isinstance(several, Mapping) and several:
        return {str(name): one if isinstance(one, Mapping) else {} for name, one in several.items()}
    alone = config.get("berth:service")
    alone = alone if isinstance(alone, Mapping) else {}
    return {str(alone.get("name", "biometric")): alone}


def added(text: str, name: str, service: Mapping[str, Any]) -> str:
    """Return a stack file's text with one service more, and nothing else changed.

    Raises:
        CannotAddError: ``berth:services`` is not there, or not written as indented lines.
    """
    config = _child(yaml.compose(text), "config")
    services = _child(config, SERVICES)
    if not isinstance(services, yaml.MappingNode) or not services.value:
        raise CannotAddError(f"it has no {SERVICES}, and its service stands there alone")
    if services.flow_style:
        raise CannotAddError(f"its {SERVICES} stands in braces")
    first, last = services.value[0][0], services.value[-1][1]
    lines = text.split("\n")
    at = _end(last)
    new = [*lines[:at], *entry(name, service, " " * first.start_mark.column), *lines[at:]]
    result = "\n".join(new)
    wanted = yaml.safe_load(text)
    wanted["config"][SERVICES] = {**wanted["config"][SERVICES], name: dict(service)}
    if yaml.safe_load(result) != wanted:
        raise CannotAddError("its indentation leaves no place for more lines")
    return result


def _child(node: yaml.Node | None, key: str) -> yaml.Node | None:
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((value for name, value in node.value if name.value == key), None)


def _end(node: yaml.Node) -> int:
    """Return the number of lines up to a value's last one; a block's own end is that of what follows it."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last)
    mark = node.end_mark
    return int(mark.line) + (1 if mark.column else 0)
