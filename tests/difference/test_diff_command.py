"""``berth diff`` as a user calls it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def berth(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "berth", "diff", *arguments, "-C", str(ROOT)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


def test_the_working_tree_against_its_own_commit() -> None:
    done = berth("dev", "--base", "HEAD", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["stack"] == "dev"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("dev", "--base", "nowhere"), "There is no commit 'nowhere'"),
        (("nostack", "--base", "HEAD"), "There is no stack 'nostack'"),
        (("dev", "--base", "HEAD", "--json", "--markdown"), "exclude each other"),
    ],
)
def test_errors_are_explained(arguments: tuple[str, ...], said: str) -> None:
    done = berth(*arguments)
    assert done.returncode == 2
    assert said in done.stderr and "Traceback" not in done.stderr
