"""What a berth is: a place to run services, as a record of what is known of it before anything is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from components.config.keys import Key, Model
from components.service.settings import ServiceSettings

if TYPE_CHECKING:  # the config's checks read this too, and the SDK takes a second to import
    from components.service.spec import Kind


@dataclass(frozen=True)
class Limit:
    """Something that a berth cannot do, as AWS builds it."""

    what: str
    instead: str
    """What is done about it here, or what remains."""


@dataclass(frozen=True)
class Berth:
    """All that is known of a berth beside its resources."""

    name: str
    """Its name in ``berth:berths``, and of its own key ``berth:<name>``."""
    title: str
    """What a reader calls it."""
    settings: type[Model]
    key: Key
    """What the key is for."""
    host: str
    """``module:class`` of its ``Host``."""
    limits: Sequence[Limit] = ()
    kinds: Sequence[Kind] = ("web", "worker", "job")
    """Kinds of service that it runs."""
    shifts: bool = False
    """Whether AWS can shift requests to a release there, and take it back by an alarm."""
    without: Mapping[str, str] = field(default_factory=dict)
    """Keys of a service that it cannot honour, and why, as a phrase: ``sidecars``, ``a function is one container``."""
    weaknesses: Mapping[str, str] = field(default_factory=dict)
    """What production refuses of its settings unless it is accepted by name, and what it means."""
    formerly: str = ""
    """Type token that its host had in earlier versions, whose cluster a stack keeps under ``berth:name``."""
    kept_ranges: Mapping[str, str] = field(default_factory=dict)
    """Ranges that it uses inside itself, and for what: a VPC that overlaps one cannot reach part of it."""
    addresses: Callable[[Any, Sequence[ServiceSettings], int], int] = lambda settings, services, zones: 0
    """From its settings, the services and the number of zones: addresses of the private subnets that it takes itself at
    its largest, beside one for each replica."""
