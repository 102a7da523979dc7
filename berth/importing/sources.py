"""Which format a folder or a file has."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from berth.errors import ConfigError
from berth.importing.copilot.application import FOLDER

Format = Literal["copilot", "compose", "score"]
FILES: Final[dict[str, Format]] = {
    "compose.yaml": "compose",
    "compose.yml": "compose",
    "docker-compose.yaml": "compose",
    "docker-compose.yml": "compose",
    "score.yaml": "score",
}
"""Names that these files have, the better known first."""


@dataclass(frozen=True)
class Source:
    """What is imported."""

    format: Format
    path: Path
    """The folder that holds ``copilot/``, or the file."""


def find(given: Path) -> Source:
    """Return what lies in a folder, or what a file is.

    Raises:
        ConfigError: it is not there, or nothing that is known here.
    """
    if not given.exists():
        raise ConfigError(f"There is no {given}.\nGive a folder with copilot/ in it, a compose.yaml or a score.yaml.")
    if given.is_dir():
        folder = given.parent if given.name == FOLDER else given
        if (folder / FOLDER).is_dir():
            return Source("copilot", folder)
        found = next((folder / name for name in FILES if (folder / name).is_file()), None)
        if found is None:
            raise ConfigError(
                f"Nothing in {given} is known here.\nAllowed are a folder {FOLDER}/ and the files {', '.join(FILES)}.\n"
                "Example: berth import services/shop"
            )
        given = found
    text = given.read_text(errors="replace")
    kind = FILES.get(given.name) or ("score" if "apiVersion: score.dev/" in text else "compose")
    return Source(kind, given)
