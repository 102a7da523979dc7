"""Builds the image once, as `make image` does."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from berth.rehearse.images import Images, wanted_base
from berth.rehearse.podman import Podman
from berth.rehearse.session import one_at_a_time
from berth.rehearse.workload import ImageBuild

from .built import ROOT, SERVICE, Built

NAME = f"localhost/berth-tests-image:built-{os.getpid()}"
"""Another run of the tests on this machine has another."""


@pytest.fixture(scope="session")
def podman() -> Iterator[Podman]:
    """Give podman as the rehearsal runs it."""
    found = Podman()
    yield found
    found.close()


@pytest.fixture(scope="session")
def image(podman: Podman, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    """Give the image."""
    images = Images(podman, print)
    build = ImageBuild(NAME, "services/biometric", "services/biometric/Dockerfile")
    archive = tmp_path_factory.mktemp("image") / "image.tar"
    try:
        with one_at_a_time("images"):
            images.build(build, ROOT, options=("--format=docker",))
            wanted = wanted_base(build, (SERVICE / "Dockerfile").read_text())
            assert wanted is not None
            base = images.base(wanted)
        podman.run("save", "--quiet", "--format=docker-archive", f"--output={archive}", NAME, timeout=120)
        yield Built(podman, NAME, archive, base)
    finally:
        podman.attempt("image", "rm", "--force", NAME)
