"""The image at work: read-only, without capabilities, and as nobody in particular."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from berth.rehearse.observe import observe

from .built import NEEDS_PODMAN, SECURE, SECURITY, UNTIMED, Built

pytestmark = NEEDS_PODMAN
SECONDS = 90
ASK = "import urllib.request; print(urllib.request.urlopen('http://127.0.0.1:8080/healthz', timeout=5).status)"
TMPFS = "--tmpfs=/tmp:mode=1777"


def until(is_so: Callable[[], bool], otherwise: Callable[[], str]) -> None:
    """Wait for something; say something else when it does not come."""
    deadline = time.monotonic() + SECONDS
    while not is_so():
        assert time.monotonic() < deadline, otherwise()
        time.sleep(0.3)


def healthy(image: Built, container: str) -> bool:
    """Ask as the image says it is to be asked."""
    return image.podman.attempt("healthcheck", "run", container, extra=UNTIMED).status == 0


@pytest.mark.parametrize("writable", [(TMPFS,), ()], ids=["tmpfs", "volume of the image"])
def test_it_becomes_healthy_and_answers(image: Built, writable: tuple[str, ...]) -> None:
    with image.started(options=(*writable, "--network=none")) as container:
        until(lambda: healthy(image, container), lambda: image.podman.attempt("logs", container).err)
        answer = image.podman.attempt("exec", container, "python", "-c", ASK)
        assert (answer.out.strip(), answer.err) == ("200", "")
        seen = observe(image.podman, container, SECURITY.writable_paths)
        assert seen is not None
        assert {(one.uids, one.gids) for one in seen.processes} == {((SECURITY.uid,) * 4, (SECURITY.gid,) * 4)}


def test_one_that_does_not_answer_is_not_healthy(image: Built) -> None:
    with image.started("sleep", "300", options=(TMPFS, "--network=none")) as container:
        assert not healthy(image, container)


def test_only_tmp_can_be_written(image: Built) -> None:
    places = "/ /app /app/.venv /etc /usr /var /root /run /tmp"
    code = f"for one in {places}; do touch $one/x 2>/dev/null && echo $one; done; true"
    assert image.run("sh", "-c", code).out.split() == ["/tmp"]
    # Nor where the root is not read-only: the program belongs to root.
    loose = [option for option in SECURE if not option.startswith("--read-only")]
    assert "/app" not in image.run("sh", "-c", code, options=loose).out
    assert image.run("sh", "-c", code, options=loose).out.split() == ["/tmp"]
