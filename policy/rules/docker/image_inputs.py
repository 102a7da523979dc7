"""Where an image resource says what to build."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from ..model import Resource
from ..values import Field, Malformed
from .stages import Build

CLASSIC: Final = frozenset({"docker:index/image:Image", "docker:image:Image"})
BUILDX: Final = "docker-build:index:Image"

# The arguments that BuildKit sets by itself, with the part of the platform that each holds.
_AUTOMATIC: Final = {"TARGETPLATFORM": None, "TARGETOS": 0, "TARGETARCH": 1, "TARGETVARIANT": 2}

_REMOTE: Final = re.compile(r"^([a-z+]+://|git@|github\.com/|-$)")


def is_image(token: str) -> bool:
    """Tell whether the resource builds an image."""
    return token in CLASSIC or token == BUILDX


@dataclass(frozen=True)
class ImageInputs:
    """What to build."""

    place: str
    """How a message calls the Dockerfile: as the program names it."""
    text: str
    build: Build


def image_inputs(resource: Resource) -> list[ImageInputs]:
    """Read the Dockerfile that the resource names, and what the build is given.

    There is one for each file that may be meant, where it is not known in which directory the program runs.
    """
    return _buildx(resource) if resource.type == BUILDX else _classic(resource)


def _classic(resource: Resource) -> list[ImageInputs]:
    # Without `build` the provider builds ./Dockerfile.
    build = resource.inputs.at("build")
    file = build.at("dockerfile")
    place = file.text() or _join(build.at("context").text() or ".", "Dockerfile")
    inputs = _build(build.at("target"), build.at("args"), [build.at("platform")])
    return [ImageInputs(found, text, inputs) for found, text in _read(resource, place, file)]


def _buildx(resource: Resource) -> list[ImageInputs]:
    inputs = resource.inputs
    inline = inputs.at("dockerfile", "inline")
    contexts = [name for name, _ in inputs.at("context", "named").entries()]
    build = _build(inputs.at("target"), inputs.at("buildArgs"), inputs.at("platforms").items(), contexts)
    text = inline.text()
    if text is not None:
        return [ImageInputs(inline.path, text, build)]
    file = inputs.at("dockerfile", "location")
    place = file.text() or _join(inputs.at("context", "location").text() or ".", "Dockerfile")
    return [ImageInputs(found, text, build) for found, text in _read(resource, place, file)]


def _build(target: Field, args: Field, platforms: list[Field], contexts: Collection[str] = ()) -> Build:
    def build_arg(name: str) -> str | None:
        return args.at(name).text()

    automatic = {name: partial(_platform, platforms, part) for name, part in _AUTOMATIC.items()}
    return Build(target.text(), build_arg, automatic, contexts)


def _platform(platforms: list[Field], part: int | None) -> str | None:
    """Return the platform or a part of it; None when there is not just one."""
    names = {platform.text() for platform in platforms} - {None, ""}
    if len(names) != 1:
        return None
    name = str(names.pop())
    parts = [*name.split("/"), "", ""]
    return name if part is None else parts[part]


def _join(context: str, file: str) -> str:
    return context if _REMOTE.match(context) else posixpath.join(context, file)


def _read(resource: Resource, place: str, field: Field) -> list[tuple[str, str]]:
    """Return each different file that ``place`` may mean, with its name for messages."""
    found: dict[str, Path] = {}
    if not _REMOTE.match(place):
        for root in resource.roots:
            try:
                found.setdefault((root / place).read_text(encoding="utf-8", errors="replace"), root / place)
            except OSError:
                continue
    if not found:
        where = field.path if field.exists() else f"{field.path} (by default {place})"
        raise Malformed(where, "a file that cannot be read", "the path of a Dockerfile, from the program's directory")
    # Where files differ, which of them is wrong has to be said.
    return [(place if len(found) == 1 else str(file), text) for text, file in found.items()]
