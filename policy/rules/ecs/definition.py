"""ECS task definitions as the rules see them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from ..evaluate import each
from ..model import Check, Config, Finding, Resource
from ..values import Field, Malformed, Unreadable

TOKENS: Final = frozenset({"aws:ecs/taskDefinition:TaskDefinition", "aws-native:ecs:TaskDefinition"})


def is_task_definition(token: str) -> bool:
    """Tell whether the resource is an ECS task definition."""
    return token in TOKENS


@dataclass(frozen=True)
class Container:
    """One container definition."""

    field: Field
    name: str
    """Its name, or its place in the list where the name cannot be read."""

    def at(self, *keys: str) -> Field:
        """Return a field of the definition."""
        return self.field.at(*keys)


def _fold(path: str) -> Callable[[list[tuple[str, Any]]], dict[str, Any]]:
    """Build a JSON hook that gives each key the spelling AWS knows it by.

    The provider decodes the string without regard to case, so ``"User"`` sets the user as well; two spellings of one
    key leave open which of them wins.
    """

    def hook(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        folded: dict[str, Any] = {}
        for key, value in pairs:
            canonical = _SPELLINGS.get(key.lower(), key)
            if canonical in folded:
                raise Malformed(path, f"JSON with the key {canonical} twice in one object", "each key once")
            folded[canonical] = value
        return folded

    return hook


# Every key that a rule reads, as AWS spells it, by its spelling in lower case.
_SPELLINGS: Final = {
    key.lower(): key
    for key in (
        "name",
        "user",
        "privileged",
        "readonlyRootFilesystem",
        "linuxParameters",
        "capabilities",
        "add",
        "drop",
        "environment",
        "dockerSecurityOptions",
        "logConfiguration",
        "logDriver",
    )
}


def container_definitions(resource: Resource) -> list[Container]:
    """Return the containers, from a list of objects or from the JSON string that the AWS provider takes."""
    field = resource.inputs.at("containerDefinitions")
    if field.exists() and field.is_text():
        field = field.parsed(lambda text: _parse(text, field.path))
    if not field.items():
        raise field.malformed("at least one container definition")
    return [Container(item, _name(item, index)) for index, item in enumerate(field.items())]


def _parse(text: str, path: str) -> object:
    try:
        value = json.loads(text, object_pairs_hook=_fold(path))
    except ValueError:
        raise Malformed(path, "not JSON", "a JSON list of container definitions") from None
    if not isinstance(value, list):
        raise Malformed(path, "not a JSON list", "a JSON list of container definitions")
    return value


def _name(container: Field, index: int) -> str:
    try:
        return container.at("name").text() or f"#{index}"
    except Unreadable:
        return f"#{index}"


def container_check(check: Callable[[Container], Iterable[Finding]]) -> Check:
    """Make a rule's check of one that looks at each container by itself."""

    def run(resource: Resource, config: Config) -> Iterator[Finding]:
        exempt = frozenset(config.get("exemptContainers", ()))
        containers = [one for one in container_definitions(resource) if one.name not in exempt]
        yield from each(containers, check, lambda container: container.name)

    return run


EXEMPT_CONTAINERS: Final = {
    "exemptContainers": {
        "type": "array",
        "items": {"type": "string"},
        "description": "Names of containers, such as a log router, that this rule does not look at.",
        "default": [],
    }
}


def is_windows(resource: Resource) -> bool:
    """Tell whether the task runs on Windows; where that is unknown, it does not count as Windows."""
    try:
        family = resource.inputs.at("runtimePlatform", "operatingSystemFamily").text()
    except Unreadable:
        return False
    return (family or "").upper().startswith("WINDOWS")


def linux_container_check(check: Callable[[Container], Iterable[Finding]]) -> Check:
    """Make a rule's check of one that looks at each container by itself and that Windows knows no setting for."""
    check_containers = container_check(check)

    def run(resource: Resource, config: Config) -> Iterator[Finding]:
        findings = list(check_containers(resource, config))
        # Asked only when there is something to exempt: an unknown family then harms no compliant task.
        if findings and not is_windows(resource):
            yield from findings

    return run
