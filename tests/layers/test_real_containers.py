"""What the table says of run time and of an image's config, seen on real containers: a few, each up for a moment."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from berth.rehearse.images import Images
from berth.rehearse.observe import observe
from berth.rehearse.podman import Podman
from berth.rehearse.session import one_at_a_time

from .judging import SECURITY, Found, good_dockerfile, judge_image, judge_seen
from .rows import Caught, Layer, Row
from .table import TABLE

pytestmark = [
    pytest.mark.podman,
    pytest.mark.skipif(shutil.which("podman") is None, reason="podman is not installed"),
]
CONTAINER = f"berth-tests-layers-{os.getpid()}"
SECURE = (
    "--user=10001:10001",
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges",
    "--read-only",
    "--read-only-tmpfs=false",
    "--tmpfs=/tmp:mode=1777",
)
# Every field of a config in the image specification, and those that Docker's format has besides.
IMAGE_FIELDS = {
    *("User", "ExposedPorts", "Env", "Entrypoint", "Cmd", "Volumes", "WorkingDir", "Labels", "StopSignal"),
    *("ArgsEscaped", "Memory", "MemorySwap", "CpuShares", "Healthcheck", "OnBuild", "Shell"),
}
SLEEP = ("sleep", "300")
SECONDS = 60
ROWS = [pytest.param(row, id=row.name) for row in TABLE]


@pytest.fixture(scope="module")
def podman() -> Iterator[Podman]:
    """Give podman as the rehearsal runs it."""
    found = Podman()
    yield found
    found.close()


@pytest.fixture(scope="module")
def base(podman: Podman) -> str:
    """Give the sample service's base image, or what stands in for it: a rehearsal needs one of them anyway."""
    wanted = re.search(r"^ARG BASE_IMAGE=(\S+)", good_dockerfile(), re.MULTILINE)
    assert wanted is not None
    with one_at_a_time("images"):
        return Images(podman, lambda text: None).base(wanted[1])


def _seen(podman: Podman, image: str, options: list[str]) -> Found:
    """Start a container, look at it from outside and return which promises it breaks."""
    podman.attempt("rm", "--force", CONTAINER)
    try:
        podman.run("run", "--detach", f"--name={CONTAINER}", "--pull=never", "--network=none", *options, image, *SLEEP)
        deadline = time.monotonic() + SECONDS
        while (seen := observe(podman, CONTAINER, SECURITY.writable_paths)) is None:
            assert time.monotonic() < deadline, "the container did not come up"
            time.sleep(0.1)
        return judge_seen(seen)
    finally:
        podman.attempt("rm", "--force", "--time=0", CONTAINER)


def test_a_container_that_keeps_every_promise_is_seen_to(podman: Podman, base: str) -> None:
    assert _seen(podman, base, [*SECURE]) == {}


@pytest.mark.parametrize("row", ROWS)
def test_a_weakened_container_is_seen_to_break_what_the_table_says(podman: Podman, base: str, row: Row) -> None:
    assert set(row.without) <= set(SECURE)
    cell = row.cells[Layer.RUN]
    assert isinstance(cell, Caught)
    expected = frozenset().union(*(way.found_by for way in cell.ways))
    options = [one for one in SECURE if one not in row.without]
    assert _seen(podman, base, [*options, *row.options]).keys() == expected


def test_an_images_config_knows_the_user_and_no_other_promise(podman: Podman, tmp_path: Path) -> None:
    """A build that is given everything there is to weaken: of all that, the config holds the user."""
    image = f"localhost/{CONTAINER}:weak"
    (tmp_path / "Dockerfile").write_text('FROM scratch\nLABEL privileged=true\nVOLUME /tmp\nUSER 0\nCMD ["/none"]\n')
    options = ("--isolation=chroot", "--cap-add=ALL", "--security-opt=seccomp=unconfined", f"--tag={image}")
    try:
        podman.run("build", *options, str(tmp_path))
        config = Images(podman, lambda text: None).config(image)
    finally:
        podman.attempt("image", "rm", "--force", image)
    assert config.keys() <= IMAGE_FIELDS
    assert config["User"] == "0"
    assert judge_image(config).keys() == {"kubelet"}
