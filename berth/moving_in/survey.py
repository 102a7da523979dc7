"""A service's folder, looked through once: its Dockerfile, or the one that is written for it, and its source."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from berth.errors import ConfigError
from berth.moving_in import folder as folders
from berth.moving_in import image as images
from berth.moving_in.findings import Findings, find
from berth.moving_in.folder import Folder
from berth.moving_in.image import Image
from berth.moving_in.languages import detect
from berth.moving_in.places import UNKNOWN, context, dockerfile, sources
from berth.moving_in.project import Project

IGNORE: Final = ".dockerignore"


@dataclass(frozen=True)
class Survey:
    """What is known of a service before anybody is asked."""

    folder: Path
    """Of the service, relative to the project, as is the next one."""
    context: Path
    dockerfile: str
    """Relative to the context."""
    image: Image
    project: Project | None
    source: Folder
    findings: Findings
    ignores: bool
    """Whether something is kept out of the build."""
    new: dict[str, str] = field(default_factory=dict)
    """Files that are to be written into the context, by name."""

    @property
    def about(self) -> str:
        """Return in a few words what was found there."""
        written = "no Dockerfile, so one is written" if "Dockerfile" in self.new else f"from {self.image.base}"
        return ", ".join(filter(None, (self.project.name if self.project else "", written)))

    @property
    def file(self) -> str:
        """Return the Dockerfile's path, as messages call it."""
        return (self.context / self.dockerfile).as_posix()


def survey(root: Path, folder: Path, named: str | None) -> Survey:
    """Look through a service's folder.

    Args:
        root: of the project.
        folder: of the service, relative to it.
        named: its Dockerfile, relative to the folder, where that is not one of the usual.

    Raises:
        ConfigError: there is no Dockerfile and none can be written, or it cannot be read.
    """
    source = folders.read(root / folder)
    project = detect(source)
    file = dockerfile(root / folder, named)
    new: dict[str, str] = {}
    if file is None:
        place, name = folder, "Dockerfile"
        text = new[name] = _written(folder, project)
        if project and not (root / folder / IGNORE).exists():
            new[IGNORE] = "".join(f"{line}\n" for line in project.ignored)
    else:
        text = file.read_bytes().decode("utf-8", "surrogateescape")
        within = context(file, root / folder, root)
        place, name = within.relative_to(root), file.relative_to(within).as_posix()
        if place == folder:
            copied = sources(text)
            source = source if any(map(UNKNOWN.search, copied)) else source.copied(copied)
    try:
        image = images.read(text, name)
    except images.UnreadableDockerfileError as error:
        raise ConfigError(
            f"{place / name} cannot be read: it has {error}.\nMend it, and run berth init again."
        ) from None
    ignores = bool(new) or any((root / place / one).is_file() for one in (IGNORE, f"{name}.dockerignore"))
    return Survey(folder, place, name, image, project, source, find(image, project, source, name), ignores, new)


def _written(folder: Path, project: Project | None) -> str:
    if project and project.dockerfile:
        return project.dockerfile
    known = (
        "Known are Python (requirements.txt, pyproject.toml), Node (package.json), Go (go.mod) and Java (pom.xml,\n"
        "build.gradle). For others docs/your-own-service.md says what an image needs"
    )
    why = project.problem if project else known
    raise ConfigError(f"{folder} has no Dockerfile, and none can be written for it.\n{why}.")
