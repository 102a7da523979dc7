"""What a way past the rules is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..support import Planned


@dataclass(frozen=True)
class Attack:
    """A resource that would run something as root, or hand it its host, and the rule that has to say so."""

    name: str
    rule: str
    resource: Planned
    config: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The rules' configuration, where it makes a difference."""


@dataclass(frozen=True)
class Harmless:
    """What looks like an attack and is none: no mandatory rule may find anything."""

    name: str
    resource: Planned
    config: dict[str, dict[str, Any]] = field(default_factory=dict)
