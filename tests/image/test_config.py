"""What the image is set up to do."""

from __future__ import annotations

import re
import stat
import tomllib

from .built import NEEDS_PODMAN, SECURITY, SERVICE, Built

pytestmark = NEEDS_PODMAN
LABELS = "org.opencontainers.image."
SECOND = 1_000_000_000


def test_user_command_and_port(image: Built) -> None:
    assert image.config["User"] == f"{SECURITY.uid}:{SECURITY.gid}"
    assert image.config["Cmd"] == ["python", "-m", "biometric"]
    assert not image.config.get("Entrypoint")
    assert list(image.config["ExposedPorts"]) == ["8080/tcp"]
    assert image.config["WorkingDir"] == "/app"


def test_every_writable_path_is_a_volume_with_its_owner_and_mode(image: Built) -> None:
    assert list(image.config["Volumes"]) == [*SECURITY.writable_paths]
    tmp = image.files["tmp"]
    assert (tmp.uid, tmp.gid, oct(stat.S_IMODE(tmp.mode))) == (SECURITY.uid, SECURITY.gid, "0o1777")


def test_it_says_how_to_ask_for_its_health(image: Built) -> None:
    check = image.config["Healthcheck"]
    assert check["Test"] == ["CMD", "python", "-m", "biometric.health"]
    # The command itself gives up after 3 s, and a second is enough to start it on a busy host.
    assert 4 * SECOND <= check["Timeout"] < check["Interval"] <= 30 * SECOND
    assert check["StartPeriod"] >= 30 * SECOND and check["Retries"] >= 2


def test_labels_say_what_it_is_and_nothing_that_is_not_so(image: Built) -> None:
    project = tomllib.loads((SERVICE / "pyproject.toml").read_text())["project"]
    labels = {key.removeprefix(LABELS): text for key, text in image.config["Labels"].items() if key.startswith(LABELS)}
    assert labels.pop("title") == project["name"]
    assert labels.pop("version") == project["version"]
    assert project["description"].startswith(labels.pop("description"))
    assert labels.pop("base.name") == image.base
    # A time or a revision would be another one in each build, under the same tag.
    assert labels == {}


def test_environment_is_the_bases_own_where_programs_are_looked_for(image: Built) -> None:
    environment = dict(one.split("=", 1) for one in image.config["Env"])
    path = environment["PATH"].split(":")
    assert path[0] == "/app/.venv/bin" and {"/usr/local/bin", "/usr/bin", "/bin"} <= set(path)
    assert environment["LANG"] == "C.UTF-8"
    assert not any(re.search(r"(?i)uv_|pip_|proxy|cert", name) for name in environment)
