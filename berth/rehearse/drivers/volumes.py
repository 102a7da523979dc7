"""Volumes that hold files and nothing else, whoever may read them: podman cannot give a file of this machine away."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass, field

from berth.rehearse.podman import Podman


@dataclass(frozen=True)
class FileOf:
    """A file of a volume, with this machine's value; root's own, and readable for the pod's group."""

    path: str
    content: str = field(repr=False)
    mode: int
    group: int


def fill_volume(podman: Podman, name: str, files: Sequence[FileOf]) -> None:
    """Make a volume that holds these files and nothing else."""
    podman.run("volume", "create", name)
    archive = podman.scratch / f"{name}.tar"
    try:
        with tarfile.open(archive, "w") as tar:
            for file in files:
                content = file.content.encode()
                entry = tarfile.TarInfo(file.path)
                entry.size, entry.mode, entry.gid = len(content), file.mode, file.group
                tar.addfile(entry, io.BytesIO(content))
        podman.run("volume", "import", name, str(archive))
    finally:
        archive.unlink(missing_ok=True)
