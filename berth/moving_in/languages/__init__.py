"""What is known of each language; the first that a folder is written in counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from berth.moving_in.folder import Folder
from berth.moving_in.languages import golang, java, node, others, python
from berth.moving_in.project import Project

LANGUAGES: Final[tuple[Callable[[Folder], Project | None], ...]] = (
    golang.detect,
    java.detect,
    python.detect,
    node.detect,
    others.detect,
)
"""Node comes after those that may have a package.json for their pages."""


def detect(folder: Folder) -> Project | None:
    """Return what a folder's source is; None where that is not known here."""
    return next((found for one in LANGUAGES if (found := one(folder))), None)
