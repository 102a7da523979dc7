"""A copy of the program without a stack or a service, to move into."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.programs import copied

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The program, with an empty folder for services."""
    return copied(tmp_path / "platform")


@pytest.fixture
def berth(project: Path) -> Run:
    """Run the command inside the project."""

    def run(*words: str, answers: str = "", cwd: Path = project) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "berth", *words]
        done = subprocess.run(command, cwd=cwd, input=answers, capture_output=True, text=True, check=False)
        print(done.stdout, done.stderr)
        return done

    return run
