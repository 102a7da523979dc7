"""Small projects of six languages and frameworks move in, and run as they are planned: a scratch image among them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.moving_in.conftest import Run
from tests.moving_in.projects import PROJECTS, write

pytestmark = [
    pytest.mark.podman,
    pytest.mark.skipif(shutil.which("podman") is None, reason="podman is not installed"),
]
BACKENDS = {"flask": "eks", "go": "ecs-ec2"}
"""All others run on Fargate, which needs most of an image."""


@pytest.mark.parametrize("name", PROJECTS)
def test_a_project_moves_in_and_is_rehearsed(name: str, project: Path, berth: Run) -> None:
    write(PROJECTS[name], project / "services" / name)
    stack = f"{name}-{os.getpid()}"
    backend = BACKENDS.get(name, "ecs-fargate")
    moved = berth("init", f"services/{name}", "--yes", "--stack", stack, "--backend", backend)
    assert moved.returncode == 0 and f"berth rehearse {stack}" in moved.stdout
    config = yaml.safe_load((project / f"Pulumi.{stack}.yaml").read_text())["config"]
    path = config["berth:services"][name]["healthPath"]
    try:
        done = berth("rehearse", stack)
        assert done.returncode == 0, done.stdout + done.stderr
        assert f"target group {path}" in done.stdout  # it was asked what was found out
        assert re.search(rf"{name}\s+│ user\s+│ 10001:10001\s+│ 10001:10001", done.stdout)
    finally:
        images = ["podman", "images", "--quiet", f"--filter=reference=*/berth/berth-{stack}/*"]
        found = subprocess.run(images, capture_output=True, text=True, check=True).stdout.split()
        if found:
            subprocess.run(["podman", "image", "rm", "--force", *found], capture_output=True, check=False)
