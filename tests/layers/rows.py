"""What a cell of the table holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Layer(StrEnum):
    """Where a container's confinement is said, and at last seen; earlier ones first."""

    DOCKERFILE = "Dockerfile"
    IMAGE = "Image config"
    ECS_EC2 = "ECS definition (EC2)"
    ECS_FARGATE = "ECS definition (Fargate)"
    POD = "Kubernetes pod"
    RUN = "Run time"


PATHS: dict[str, tuple[Layer, ...]] = {
    "ECS on EC2": (Layer.DOCKERFILE, Layer.IMAGE, Layer.ECS_EC2, Layer.RUN),
    "ECS Fargate": (Layer.DOCKERFILE, Layer.IMAGE, Layer.ECS_FARGATE, Layer.RUN),
    "EKS": (Layer.DOCKERFILE, Layer.IMAGE, Layer.POD, Layer.RUN),
}
"""The layers that a container passes on each backend."""


@dataclass(frozen=True)
class Weakened:
    """One way to weaken a promise, or to try."""

    text: str
    """As it is written there, for the document."""
    change: Callable[[Any], Any]
    """Applied to the good workload as the layer sees it."""
    found_by: frozenset[str] = frozenset()
    """Who has to find it, and nobody else."""
    saying: str = ""
    """Part of what is said: the place, or what stands there."""


@dataclass(frozen=True)
class Caught:
    """The layer knows of the promise."""

    ways: tuple[Weakened, ...]


@dataclass(frozen=True)
class Blind:
    """The layer cannot know of the promise."""

    why: str
    closest: Weakened
    """What comes closest to weakening the promise there; nobody says anything, because it changes nothing."""


@dataclass(frozen=True)
class Row:
    """One promise."""

    name: str
    cells: dict[Layer, Caught | Blind]
    options: tuple[str, ...]
    """What takes the promise away from a real container: options of `podman run` to add."""
    without: tuple[str, ...] = ()
    """And those to leave out, of the ones that keep every promise."""
