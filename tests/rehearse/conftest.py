"""podman as the rehearsal runs it, the smallest of images, and the proof that nothing is left behind."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from berth.rehearse.images import Images
from berth.rehearse.podman import Podman
from berth.rehearse.session import Session
from berth.rehearse.workload import find_builds

from .running import CLOSED, OWN, ROOT, SCRATCH, SHELL_LESS, SOURCES, STACKS, planned, sample_image


@pytest.fixture(scope="session")
def podman() -> Iterator[Podman]:
    """Podman, as the rehearsal runs it."""
    found = Podman()
    yield found
    found.close()


@pytest.fixture
def nothing_is_left(podman: Podman, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The test ends with nothing left of it, anonymous volumes included."""
    volumes: set[str] = set()
    remove = Session.remove

    def noting(session: Session) -> list[str]:
        for name in session.leftovers().get("container", []):
            mounts = podman.attempt("inspect", "--format={{range .Mounts}}{{println .Name}}{{end}}", name)
            volumes.update(mounts.out.split())
        return remove(session)

    monkeypatch.setattr(Session, "remove", noting)
    yield
    for stack in (*(f"{stack}-{OWN}" for stack in STACKS), SCRATCH):
        assert Session(podman, stack).leftovers() == {}
    assert not volumes & set(podman.lines("volume", "ls", "--format={{.Name}}"))


@pytest.fixture(scope="session")
def image_with_python(podman: Podman) -> str:
    """The sample's image, which is there."""
    name = sample_image()
    Images(podman, print).provide([name], find_builds(planned("dev"), {name}), ROOT)
    return name


@pytest.fixture(scope="session")
def from_nothing(tmp_path_factory: pytest.TempPathFactory, podman: Podman) -> Iterator[Path]:
    """A project whose image is one static program: no shell, nothing else."""
    if shutil.which("go") is None:
        pytest.skip("there is no go to build a static program with")
    root = tmp_path_factory.mktemp("scratch")
    tmp = root / "toy/root/tmp"
    tmp.mkdir(parents=True)
    tmp.chmod(0o1777)  # what is mounted there has the mode that it has in the image
    source = SOURCES / "main.go"
    subprocess.run(
        ["go", "build", "-o", root / "toy/root/server", source], env={**os.environ, "CGO_ENABLED": "0"}, check=True
    )
    settings = 'USER 10001:10001\nENTRYPOINT ["/server"]\n'
    (root / "toy/Dockerfile").write_text(
        # A folder that COPY makes is root's alone.
        f"FROM scratch AS closed\nCOPY root/server /\nCOPY root/tmp /tmp\n{settings}"
        f"FROM scratch\nCOPY root /\nVOLUME /tmp\n{settings}"
    )
    yield root
    podman.attempt("image", "rm", "--force", SHELL_LESS, CLOSED)
