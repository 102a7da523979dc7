"""Where an image resource says what to build."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from ..rule import NotApplicable, Resource
from ..values import Field, Malformed, Unreadable, texts
from .stages import Build

CLASSIC: Final = frozenset({"docker:index/image:Image", "docker:image:Image"})
REMOTE: Final = frozenset({"docker:index/remoteImage:RemoteImage", "docker:remoteImage:RemoteImage"})
BUILDX: Final = "docker-build:index:Image"

_REMOTE: Final = re.compile(r"([a-z+]+://|\w+@|github\.com/|-$)", re.IGNORECASE)

# By buildx the provider of RemoteImage hands its limits over as build arguments, 0 where they are not set.
_LIMITS: Final = frozenset({"cpusetcpus", "cpusetmems", "cpushares", "cpuquota", "cpuperiod", "memory", "memoryswap"})


def is_image(token: str) -> bool:
    """Tell whether the resource builds an image."""
    return token in CLASSIC or token in REMOTE or token == BUILDX


@dataclass(frozen=True)
class ImageInputs:
    """What to build."""

    place: str
    """How a message calls the Dockerfile: as the program names it."""
    text: str
    build: Build


def image_inputs(resource: Resource) -> list[ImageInputs]:
    """Read the Dockerfile that the resource names, and what the build is given.

    There is one for each platform, and for each file that may be meant where it is not known in which directory the
    program runs.
    """
    if resource.type == BUILDX:
        return _buildx(resource)
    return _remote(resource) if resource.type in REMOTE else _classic(resource)


def _classic(resource: Resource) -> list[ImageInputs]:
    # Without `build` the provider builds ./Dockerfile, and names no builder: Docker then takes its own.
    build = resource.inputs.at("build")
    file = build.at("dockerfile")
    place = file.text() or _join(build.at("context").text() or ".", "Dockerfile")
    given = Build(
        target=build.at("target").text(),
        arg=_argument(build.at("args")),
        platform=_platform(build.at("platform")),
        classic=not build.exists() or build.at("builderVersion").text() == "BuilderV1",
    )
    return [ImageInputs(found, text, given) for found, text in _read(resource, [place], file)]


def _remote(resource: Resource) -> list[ImageInputs]:
    # Which builder takes it depends on the provider's version, on the environment and on the system.
    build = resource.inputs.at("build")
    if not build.exists():
        raise NotApplicable
    file = build.at("dockerfile")
    name = file.text() or "Dockerfile"
    remote = build.at("remoteContext").text()
    context = build.at("context").text() or "."
    # By buildx a Dockerfile is named from the program's directory, by Docker's own builder from the context.
    places = [remote or context] if remote or _REMOTE.match(context) else [_join(context, name), name]
    given = Build(
        target=build.at("target").text(),
        arg=_argument(build.at("buildArgs"), _LIMITS),
        platform=_platform(build.at("platform")),
        contexts=[text.partition("=")[0].strip() for _, text in texts(build.at("additionalContexts"))],
        classic=True,
    )
    return [ImageInputs(found, text, given) for found, text in _read(resource, places, file)]


def _buildx(resource: Resource) -> list[ImageInputs]:
    inputs = resource.inputs
    inline = inputs.at("dockerfile", "inline")
    text = inline.text()
    if text is not None:
        files = [(inline.path, text)]
    else:
        file = inputs.at("dockerfile", "location")
        context = inputs.at("context", "location").text() or "."
        place = file.text() or _join(context, "Dockerfile")
        # In a remote context the Dockerfile is that context's, too.
        files = _read(resource, [context if _REMOTE.match(context) else place], file)
    build = Build(
        target=inputs.at("target").text(),
        arg=_argument(inputs.at("buildArgs")),
        contexts=[name for name, _ in inputs.at("context", "named").entries()],
    )
    platforms = [_platform(platform) for platform in inputs.at("platforms").items()] or [None]
    return [ImageInputs(found, text, replace(build, platform=one)) for found, text in files for one in platforms]


def _argument(arguments: Field, reserved: Collection[str] = ()) -> Callable[[str], str | None]:
    def value(name: str) -> str | None:
        if name in reserved:
            raise Unreadable(arguments.path, f"not what decides on {name}: the provider gives it", "another name")
        return arguments.at(name).text()

    return value


def _platform(platform: Field) -> str | None:
    """Return the platform, or None where it is not known: most files do not depend on it."""
    try:
        return platform.text()
    except Unreadable:
        return None


def _join(context: str, file: str) -> str:
    return context if _REMOTE.match(context) else posixpath.join(context, file)


def _read(resource: Resource, places: list[str], field: Field) -> list[tuple[str, str]]:
    """Return each different file that ``places`` may mean, with its name for messages."""
    found: dict[str, Path] = {}
    for place in places:
        for root in resource.roots if not _REMOTE.match(place) else ():
            try:
                # Not by read_text, which turns every kind of line end into "\n".
                text = (root / place).read_bytes().decode("utf-8", "surrogateescape")
            except OSError:
                continue
            found.setdefault(text, root / place)
    if not found:
        where = field.path if field.exists() else f"{field.path} (by default {places[0]})"
        raise Malformed(where, "a file that cannot be read", "the path of a Dockerfile, from the program's directory")
    # Where files differ, which of them is wrong has to be said.
    return [(places[0] if len(found) == 1 else str(file), text) for text, file in found.items()]
