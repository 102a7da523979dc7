"""Where a service's folder lies, and what its image is built from there."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from shlex import quote
from typing import Final

from berth.config import PROJECT_FILE
from berth.errors import ConfigError
from berth.yaml_file import read
from policy.rules.docker.dockerfile import BLANKS, parse
from policy.rules.docker.lex import Unresolvable

UNKNOWN: Final = re.compile(r"[$*?\[]")
"""A pattern or a variable in a path that is copied."""
_NAMES: Final = ("Dockerfile", "docker/Dockerfile", "deploy/Dockerfile", ".docker/Dockerfile", "build/Dockerfile")


def project_name(root: Path) -> str:
    """Return the name of the project.

    Raises:
        ConfigError: it is not this program, and knows nothing of services.
    """
    document = read(root / PROJECT_FILE).value
    config = document.get("config") if isinstance(document, dict) else None
    if not isinstance(config, dict) or "berth:services" not in config:
        raise ConfigError(
            f"{root} is a Pulumi project of another program, which has no key berth:services.\n"
            "A service moves into a copy of Berth: give its folder with -C, or run berth init inside it."
        )
    return str(document.get("name"))


def inside(folder: Path, root: Path) -> Path:
    """Return the folder of a service, relative to the project.

    Raises:
        ConfigError: it is not there, or not below the project; says what to do.
    """
    place = folder.resolve()
    if not place.is_dir():
        raise ConfigError(f"There is no folder {folder}.\nGive the one that holds the service's Dockerfile or source.")
    if place == root:
        raise ConfigError(
            f"{folder} is the project itself, and a service has a folder of its own.\nExample: berth init services/shop"
        )
    if not place.is_relative_to(root):
        name = service_name(place.name, 20)
        raise ConfigError(
            f"{place} is outside of the project {root}.\n"
            "An image is built from what lies in the project. Bring it in, by one of:\n"
            f"  cp -r {quote(str(place))} {quote(str(root))}/services/{name}\n"
            f"  git -C {quote(str(root))} submodule add ITS-REPOSITORY services/{name}\n"
            f"and then: berth init services/{name}\n"
            "Or have it built elsewhere, and name its image: berth:services."
            f"{name}.image (docs/configuration.md)."
        )
    return place.relative_to(root)


def service_name(text: str, longest: int) -> str:
    """Return a folder's name as a service can have it: a DNS label."""
    slug = re.sub(r"-+", "-", re.sub(r"[^a-z0-9]+", "-", text.lower())).strip("-")
    slug = re.sub(r"^[^a-z]+", "", slug)[:longest].strip("-")
    return "service" if slug in ("", "internal") else slug


def dockerfile(folder: Path, named: str | None) -> Path | None:
    """Return a folder's Dockerfile, None where there is none.

    Raises:
        ConfigError: the one that is named is not there.
    """
    if named is not None:
        if not (folder / named).is_file():
            raise ConfigError(f"There is no file {named} in {folder}.\nExample: --dockerfile docker/Dockerfile")
        return folder / named
    return next((folder / name for name in _NAMES if (folder / name).is_file()), None)


def context(file: Path, folder: Path, root: Path) -> Path:
    """Return the folder that a Dockerfile's COPY starts from: the nearest that has all of what it names.

    Args:
        file: the Dockerfile.
        folder: of the service.
        root: of the project, beyond which nothing is looked for.
    """
    copied = [source for source in sources(file.read_text(errors="replace")) if not UNKNOWN.search(source)]
    for place in (folder, file.parent, *folder.parents):
        if not place.is_relative_to(root):
            break
        if file.is_relative_to(place) and all((place / source).exists() for source in copied):
            return place
    return folder


def sources(text: str) -> list[str]:
    """Return the paths of the context that a Dockerfile copies, as they are written; ``.`` for all of it."""
    try:
        instructions = parse(text).instructions
    except Unresolvable:
        return ["."]
    found = []
    for one in instructions:
        if one.keyword == "run" and any("type=bind" in flag for flag in one.flags):
            found.append(".")
        elif one.keyword in ("copy", "add") and not any(flag.startswith("--from") for flag in one.flags):
            words = one.exec_form() or BLANKS.split(one.rest)
            found += [
                posixpath.normpath(word.lstrip("/")) for word in words[:-1] if "://" not in word and not one.heredocs
            ]
    return found
