"""A stack file on its way: what the rules of a format write into, and what is left of it in the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from berth.importing.table import ANY, Carry, Remark
from components.config.reading import NAMESPACE, fields_of
from components.service.settings import ServiceSettings
from components.settings import SETTINGS


@dataclass(frozen=True)
class Call:
    """A variable that holds another service's address in the network of the tool."""

    key: str
    """Where it stands."""
    variable: str
    content: str
    host: str
    path: str
    """Without a slash at its end."""
    service: str
    """The service that it means, by its name here."""


@dataclass
class Service:
    """One service of a stack file."""

    name: str
    file: str
    """Where it is described, for the remarks."""
    keys: dict[str, Any] = field(default_factory=dict)
    """The keys of ``berth:services.<name>``."""
    calls: list[Call] = field(default_factory=list)

    @property
    def answers(self) -> bool:
        """Whether others ask it."""
        return bool(self.keys.get("kind", "web") == "web")

    @property
    def is_internal(self) -> bool:
        """Whether only services of the stack ask it."""
        return self.answers and self.keys.get("exposure") == "internal"

    def put(self, value: Any, *path: str) -> None:
        """Write a value at a path of keys."""
        tree = self.keys
        for name in path[:-1]:
            tree = tree.setdefault(name, {})
        tree[path[-1]] = value

    def use(self, name: str) -> None:
        """Note that it uses a room or another service."""
        uses = self.keys.setdefault("uses", [])
        if name not in uses:
            uses.append(name)


@dataclass
class Stack:
    """One stack file."""

    name: str
    region: str
    backend: str
    origin: str
    """What it was made of, in a few words, for its first line."""
    keys: dict[str, Any] = field(default_factory=dict)
    """Keys of the program, without the namespace: ``{"ecs-fargate": {"exec": True}}``."""
    services: list[Service] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

    def config(self) -> dict[str, Any]:
        """Return the config, in the order of the reference and without what is the default anyway."""
        config: dict[str, Any] = {"aws:region": self.region, f"{NAMESPACE}:backend": self.backend}
        services = {one.name: _tidy(one.keys) for one in self.services}
        keys = {**self.keys, "services": services}
        return config | {f"{NAMESPACE}:{name}": keys[name] for name in fields_of(SETTINGS) if name in keys}


def _tidy(keys: Mapping[str, Any]) -> dict[str, Any]:
    fields = fields_of(ServiceSettings)
    known = {name: keys[name] for name in fields if name in keys and keys[name] != fields[name].default}
    return known | {name: value for name, value in keys.items() if name not in fields}


def into(*path: str, read: Callable[[Any], Any]) -> Carry[Any]:
    """Return a rule that writes a value under a key of the service, ``*`` in it being the names found.

    Args:
        path: the key, and keys inside it.
        read: returns the value as the stack file has it, or raises ``NotCarried``.
    """

    def carry(service: Service, value: Any, names: tuple[str, ...]) -> None:
        left = iter(names)
        service.put(read(value), *(next(left) if part == ANY else part for part in path))

    return carry


def either_way(rule: Carry[Any], why: str, instead: str = "") -> Carry[Any]:
    """Return a rule that does what another does, and says something of every value that it carries."""

    def carry(service: Any, value: Any, names: tuple[str, ...]) -> str:
        said = rule(service, value, names)
        return " ".join(filter(None, (said, why, instead)))

    return carry
