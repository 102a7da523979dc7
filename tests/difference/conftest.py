"""Plans of the project's own program under settings of a test's own, and a repository with two revisions."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from berth.plan import Plan
from tests.programs import Record, recorder


@pytest.fixture(scope="session")
def record(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """Record the program under a stack file of the test's own, always as the stack ``same``."""
    return recorder(tmp_path_factory)


@pytest.fixture(scope="session")
def fargate(record: Record) -> Plan:
    return record("ecs-fargate")


class Repository:
    """A git repository with a toy program whose components say which revision they are of."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *args: str) -> str:
        kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
        identity = ["-c", "user.name=Toy", "-c", "user.email=toy@example.com", "-c", "commit.gpgsign=false"]
        return subprocess.run(
            ["git", "-C", str(self.root), *identity, *args],
            env={**kept, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull},
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    def write(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            file = self.root / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)

    def commit(self, tag: str) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", tag)
        self.git("tag", tag)


def toy(label: str, more: str = "") -> dict[str, str]:
    """Return the toy's files by name."""
    return {
        "Pulumi.yaml": "name: toy\nruntime: python\n",
        "Pulumi.dev.yaml": "config:\n  aws:region: eu-west-1\n",
        "components/settings.py": f"LABEL = {label!r}\n",
        # Named as this project's own packages: the editable install offers those as well.
        "components/__init__.py": "",
        "components/room.py": (
            "import pulumi_aws as aws\n"
            "from components.settings import LABEL\n"
            "def furnish():\n"
            f"    aws.s3.Bucket('logs', bucket='toy-logs', tags={{'settings': LABEL, 'room': {label!r}}})\n"
        ),
        "__main__.py": f"from components.room import furnish\nfurnish()\nprint('noise')\n{more}",
    }


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """Two tags, ``first`` and ``second``; the working tree is of ``second``."""
    root = tmp_path / "toy"
    root.mkdir()
    made = Repository(root)
    for label in ("first", "second"):
        made.write(toy(label))
        made.commit(label)
    return made
