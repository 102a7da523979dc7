"""What every room and every berth stands on: the platform, and nothing of a service."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from components.rooms.image.registry import Registry
from components.rooms.network.firewall import Firewall
from components.rooms.network.network import Network
from components.site import Site


@dataclass(frozen=True)
class Ground:
    """The platform of one stack."""

    site: Site
    network: Network
    firewall: Firewall
    registry: Registry
    production: bool = False
    """Whether the stack holds what must not be lost."""
    accept: Collection[str] = ()
    """Weaknesses that need no warning, by name."""
