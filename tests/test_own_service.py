"""The page "Your own service": each program on it runs, each Dockerfile is let in, and each variable is named."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from berth.moving_in.survey import survey
from policy.judge import judge
from tests.policy.support import Planned
from tests.programs import copied, recorder

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "your-own-service.md").read_text()
# How each is made ready and started here, the tool it needs, and how it ends on SIGTERM.
LANGUAGES: dict[str, tuple[str, list[str], list[str], int]] = {
    "Python": (sys.executable, [], [sys.executable, "main.py"], 0),
    "Node": ("node", [], ["node", "main.js"], 0),
    "Go": ("go", ["go", "build", "-o", "service", "."], ["./service"], 0),
    "Java": ("javac", ["javac", "Main.java"], ["java", "Main"], 128 + signal.SIGTERM),
}


def files(language: str) -> dict[str, str]:
    """Return the files that the page gives for a language."""
    (section,) = re.findall(rf"^## {language}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    found = re.findall(r"^`([\w.]+)`\n\n```\w+\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    return dict(found)


def written(language: str, folder: Path) -> Path:
    """Write a language's files into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files(language).items():
        (folder / name).write_text(text)
    return folder


@contextmanager
def started(language: str, folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run a language's program on a free port."""
    tool, make, command, _ = LANGUAGES[language]
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} is not installed")
    written(language, folder)
    if make:
        subprocess.run(make, cwd=folder, env={**os.environ, "CGO_ENABLED": "0"}, check=True, timeout=300)
    with socket.socket() as free:
        free.bind(("", 0))
        port = free.getsockname()[1]
    with subprocess.Popen(command, cwd=folder, env={**os.environ, "PORT": str(port)}) as process:
        try:
            yield process, port
        finally:
            process.kill()


def asked(connection: http.client.HTTPConnection, path: str) -> int:
    """Return the status of a path, once the program answers."""
    for _ in range(600):
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        except OSError:
            connection.close()
            time.sleep(0.1)
    raise AssertionError("the program does not answer")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_program_answers_where_it_is_told_to_and_ends_in_order(language: str, tmp_path: Path) -> None:
    with started(language, tmp_path) as (process, port):
        # By an address that is not the loopback's, as the load balancer asks; the connection then stays open.
        connection = http.client.HTTPConnection(socket.gethostbyname(socket.gethostname()), port, timeout=10)
        assert [asked(connection, path) for path in ("/healthz", "/readyz", "/", "/no")] == [200, 200, 200, 404]
        process.send_signal(signal.SIGTERM)
        status = process.wait(timeout=20)
        assert (128 - status if status < 0 else status) == LANGUAGES[language][3]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_dockerfile_is_let_in_and_keeps_the_promises(language: str, tmp_path: Path) -> None:
    context = written(language, tmp_path / "context")
    inputs = {"imageName": "example/shop:1", "build": {"context": "context", "dockerfile": "context/Dockerfile"}}
    assert judge([Planned("docker:index/image:Image", inputs)], root=tmp_path) == []
    # And the pack has looked: the same file without its user is refused.
    (context / "Dockerfile").write_text(files(language)["Dockerfile"].replace("USER 10001:10001\n", ""))
    assert judge([Planned("docker:index/image:Image", inputs)], root=tmp_path) != []
    last = files(language)["Dockerfile"].split("\nFROM ")[-1].splitlines()
    (command,) = [line.removeprefix("CMD ") for line in last if line.startswith("CMD ")]
    assert json.loads(command), "a list: a shell would keep SIGTERM to itself"
    assert last.index("VOLUME /tmp") < last.index("USER 10001:10001")


def test_every_variable_that_the_service_is_given_is_named(tmp_path_factory: pytest.TempPathFactory) -> None:
    (task,) = recorder(tmp_path_factory)("ecs-fargate").of_type("aws:ecs/taskDefinition:TaskDefinition")
    given = {
        one["name"]
        for container in json.loads(task.inputs["containerDefinitions"])
        for one in (*container["environment"], *container["secrets"])
    }
    assert len(given) > 8
    assert {name for name in given if f"`{name}`" not in PAGE} == set()


def stack_file() -> str:
    """Return the page's stack file."""
    (text,) = re.findall(r"^```yaml\n# Pulumi.shop-dev.yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return str(text)


def commands() -> list[str]:
    """Return the page's commands, in order."""
    return "".join(re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)).splitlines()


def said(line: str, root: Path, home: Path) -> str:
    """Run one of the page's commands in the project; return what it prints."""
    line = line.replace("uv run berth", f"{sys.executable} -m berth")
    environment = {**os.environ, "HOME": str(home)}
    done = subprocess.run(["bash", "-c", line], cwd=root, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    return done.stdout


def source(language: str, folder: Path) -> Path:
    """Write a language's program alone."""
    (written(language, folder) / "Dockerfile").unlink()
    return folder


@pytest.mark.parametrize(
    "rehearses",
    [
        False,
        pytest.param(
            True,
            marks=[
                pytest.mark.podman,
                pytest.mark.skipif(shutil.which("podman") is None, reason="podman is not installed"),
            ],
        ),
    ],
)
def test_every_command_of_the_page_does_what_it_says(rehearses: bool, tmp_path: Path) -> None:
    root, home = copied(tmp_path / "platform"), tmp_path / "home"
    source("Node", home / "src/shop")
    source("Go", home / "src/billing")
    assert len(commands()) == 6
    for line in commands():
        if rehearses or " rehearse " not in line:
            printed = said(line, root, home)
        if " init services/shop " in line:
            assert (root / "Pulumi.shop-dev.yaml").read_text() == stack_file()
    services = yaml.safe_load((root / "Pulumi.shop-dev.yaml").read_text())["config"]["berth:services"]
    assert list(services) == ["shop", "billing"]
    assert "Mooring berth-shop-dev-ecs-fargate-billing" in printed


@pytest.mark.parametrize("language", ["Python", "Node", "Go"])
def test_the_dockerfiles_are_those_that_are_written(language: str, tmp_path: Path) -> None:
    source(language, tmp_path / "shop")
    assert survey(tmp_path, Path("shop"), None).new["Dockerfile"] == files(language)["Dockerfile"]


def test_what_an_image_lacks_is_said_as_on_the_page(tmp_path: Path) -> None:
    root = copied(tmp_path / "platform")
    (section,) = re.findall(r"^## What an image lacks\n(.*?)(?=^## )", PAGE, re.MULTILINE | re.DOTALL)
    dockerfile, told = re.findall(r"^```\w+\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    (source("Node", root / "services/shop") / "Dockerfile").write_text(dockerfile)
    command = [sys.executable, "-m", "berth", "init", "services/shop", "--yes"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and told in done.stdout, done.stdout


@pytest.mark.podman
@pytest.mark.skipif(shutil.which("podman") is None, reason="podman is not installed")
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_image_is_built_and_rehearsed(language: str, tmp_path: Path) -> None:
    root = copied(tmp_path / "platform")
    written(language, root / "services/shop")
    (root / "Pulumi.shop-dev.yaml").write_text(stack_file())
    command = [sys.executable, "-m", "berth", "rehearse", "shop-dev"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"shop\s+│ user\s+│", done.stdout), done.stdout
