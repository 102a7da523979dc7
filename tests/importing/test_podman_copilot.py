"""The application of five services, imported and then run for real: who calls whom, the worker and the job."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from berth.rehearse.images import Images
from berth.rehearse.podman import Podman
from berth.rehearse.workload import ImageBuild
from tests.programs import PROGRAM, ROOT

from .queue_server import served

pytestmark = [
    pytest.mark.podman,
    pytest.mark.skipif(shutil.which("podman") is None, reason="podman is not installed"),
]
APPLICATION = Path(__file__).parent / "copilot-app"
AGENT = "registry.example.com/kiosk/agent:1.2.0"
WAYS = (("orders", "/orders", "/orders"), ("payments", "/payments", "/payments"), ("storefront", "/", "/alive"))
STACK = f"kiosk-{os.getpid()}"


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    """A project with the application in it, and the sidecar's image, which a team has in its registry."""
    for name in PROGRAM:
        if name != "services":
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copy(ROOT / name, tmp_path / name)
    shutil.copytree(APPLICATION, tmp_path / "kiosk")
    podman = Podman()
    Images(podman, print).build(ImageBuild(AGENT, "kiosk/agent"), tmp_path)
    podman.close()
    yield tmp_path
    listed = [
        "podman",
        "images",
        "--quiet",
        f"--filter=reference=*/berth/berth-{STACK}/*",
        f"--filter=reference=*/berth/berth-{STACK}/*/*",  # what a berth has made for its files
        f"--filter=reference={AGENT}",
    ]
    found = subprocess.run(listed, capture_output=True, text=True, check=True).stdout.split()
    if found:
        subprocess.run(["podman", "image", "rm", "--force", *found], capture_output=True, check=False)


def berth(project: Path, *arguments: str) -> str:
    """Run a command in the project, which has to go well; return what it printed."""
    command = [sys.executable, "-m", "berth", *arguments]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("backend", ["ecs-fargate", "eks"])
def test_it_is_imported_and_rehearsed(backend: str, project: Path) -> None:
    berth(project, "import", "kiosk", "--environment", "test", "--region", "eu-central-1", "--backend", backend)
    (project / "Pulumi.test.yaml").rename(project / f"Pulumi.{STACK}.yaml")
    with served(100_000) as queue:
        endpoint = f"packer.QUEUE_ENDPOINT=http://10.0.2.2:{queue.port}"  # the machine's loopback, from inside
        said = berth(project, "rehearse", STACK, "--env", endpoint)
    rows = [" ".join(line.replace("│", " ").split()) for line in said.splitlines()]
    for service, path, seen in WAYS:
        assert f"{service} route {path} leads to it GET {seen}: 200 ✓" in rows
    assert re.search(rf"report at {backend}: ended with exit status 0", said), "it was told where the orders are"
    assert any(row.startswith(f"payments at {backend}: agent user") and row.endswith("✓") for row in rows)
    assert any(row.startswith(f"packer at {backend}: packer stop") and "exit status 0" in row for row in rows)
    # The worker was stopped under load, and had packed and deleted what it had taken.
    assert queue.deleted and queue.waiting and not queue.handed_out
    assert queue.deleted == list(range(len(queue.deleted)))
