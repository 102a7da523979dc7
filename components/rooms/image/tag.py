"""The hash of a build context: what tags an image, so that its reference is known before it is built."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

import pathspec

TAG_LENGTH = 16
"""Hex digits of the tag: 64 bits, far beyond the images one repository will ever hold."""


def ignore_spec(context: Path, dockerfile: str) -> pathspec.GitIgnoreSpec:
    """Return what the context's ``.dockerignore`` leaves out, or the one of this Dockerfile, which wins.

    Docker's patterns are git's, but anchored at the context's root. The Dockerfile and the
    ``.dockerignore`` always count, as Docker sends them to the builder in any case.
    """
    candidates = (context / f"{dockerfile}.dockerignore", context / ".dockerignore")
    ignore_file = next(filter(Path.is_file, candidates), None)
    lines = ignore_file.read_text().splitlines() if ignore_file else []
    patterns = []
    for line in (line.strip() for line in lines):
        if not line or line.startswith("#"):
            continue
        negated, pattern = line.startswith("!"), line.lstrip("!").strip()
        patterns.append(f"{'!' if negated else ''}/{pattern.lstrip('/')}")
    patterns += [f"!/{dockerfile}", "!/.dockerignore"]
    return pathspec.GitIgnoreSpec.from_lines(patterns)


def context_files(context: Path, dockerfile: str) -> Iterator[Path]:
    """Yield the files of a build context, sorted, relative to it."""
    ignored = ignore_spec(context, dockerfile)
    found = []
    for folder, inner, names in os.walk(context):
        place = Path(folder).relative_to(context)
        found += [place / name for name in names if not ignored.match_file((place / name).as_posix())]
        inner[:] = [name for name in inner if _may_hold_files(ignored, (place / name).as_posix())]
    yield from sorted(found, key=lambda path: path.as_posix())


def _may_hold_files(ignored: pathspec.GitIgnoreSpec, folder: str) -> bool:
    """Say whether a folder has to be looked into: an environment or node_modules has tens of thousands of files."""
    if not ignored.match_file(f"{folder}/"):
        return True
    for kept in (str(pattern.pattern)[2:] for pattern in ignored.patterns if pattern.include is False):
        literal = re.split(r"[*?\[\\]", kept)[0]
        if literal.startswith(f"{folder}/") or f"{folder}/".startswith(literal.rstrip("/") + "/") or literal != kept:
            return True
    return False


def context_tag(context: Path, dockerfile: str, build_args: Mapping[str, str], platform: str) -> str:
    """Return the image tag of a build: a hash of everything that goes into it.

    Args:
        context: folder that is sent to the builder.
        dockerfile: Dockerfile, relative to the context.
        build_args: build arguments.
        platform: e.g. ``linux/amd64``.

    Returns:
        16 hex digits. Content, names, link targets and, as in git, the owner's execute bit count; times, owners and the
        other bits, which follow the umask of whoever cloned, do not.
    """
    digest = hashlib.sha256()

    def add(*fields: bytes) -> None:
        for field in fields:  # length first, so that no two lists of fields read alike
            digest.update(len(field).to_bytes(8, "big") + field)

    add(platform.encode(), dockerfile.encode())
    for key in sorted(build_args):
        add(b"arg", key.encode(), build_args[key].encode())
    for relative in context_files(context, dockerfile):
        path = context / relative
        if path.is_symlink():
            kind, content = b"link", os.readlink(path).encode()
        else:
            kind = b"755" if path.stat().st_mode & stat.S_IXUSR else b"644"
            content = path.read_bytes()
        add(kind, relative.as_posix().encode(), content)
    return digest.hexdigest()[:TAG_LENGTH]
