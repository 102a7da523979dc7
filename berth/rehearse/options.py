"""What a user may set of a rehearsal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from berth.rehearse.moving.move import Move
from components.service.spec import ContainerSecurity


@dataclass(frozen=True)
class Options:
    """What a user may set."""

    record: Path | None = None
    """The sample record; by default the one in the image's build context."""
    timeout: float = 180.0
    """Seconds that the workload may take to be well, and that a job may run."""
    security: ContainerSecurity = field(default_factory=ContainerSecurity)
    """What is promised of every container."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Values in place of planned ones, by ``NAME`` or ``SERVICE.NAME``."""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Values of secrets that exist in AWS, by the variable or the file's path, ``SERVICE.`` may stand before it."""
    moves: Sequence[Move] = ()
    """Moves of all services, one after the other; what one has stopped is started again before the next."""
