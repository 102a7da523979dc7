"""What a room is: a thing beside the services that gives them something, with its settings and its component."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from components.config.keys import Key, Model
from components.service.settings import ServiceSettings


class RoomSettings(Model):
    """Base of the settings of what the services stand on or use."""

    PRODUCTION: ClassVar[Mapping[str, Any]] = {}
    """Defaults of a stack that holds what must not be lost."""

    def completed(self, *, production: bool, region: str, users: Sequence[ServiceSettings]) -> Self:
        """Return the settings with the defaults that depend on other keys; given values stay.

        Args:
            production: ``berth:production``.
            region: ``aws:region``.
            users: the services that use the room.
        """
        defaults = self.defaults(region, users) | (dict(self.PRODUCTION) if production else {})
        update = {name: value for name, value in defaults.items() if name not in self.model_fields_set}
        return self.model_copy(update=update)

    def defaults(self, region: str, users: Sequence[ServiceSettings]) -> dict[str, Any]:
        """Return the defaults that follow from who uses the room."""
        return {}


@dataclass(frozen=True)
class Room:
    """A room that services name in ``uses``."""

    name: str
    """Its name in ``uses``, and of its own key ``berth:<name>``."""
    settings: type[RoomSettings]
    key: Key
    """What the key is for."""
    component: str
    """``module:class``; the class takes a ``Ground`` and the settings, and has an ``offer``."""
    weaknesses: Mapping[str, str] = field(default_factory=dict)
    """What production refuses of it unless it is accepted by name, and what it means."""
