"""The toy project: a program with one of everything, and what it is run with."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from berth.plan import Plan, Resource
from berth.record import record_plan

TOY = Path(__file__).parent / "toy"
CHECKOUT = Path(__file__).parents[2]

Berth = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def toy() -> Path:
    """Directory of the toy project."""
    return TOY


@pytest.fixture(scope="session")
def plan() -> Plan:
    """Plan of the toy's stack ``dev``."""
    return record_plan("dev", TOY)


@pytest.fixture(scope="session")
def named(plan: Plan) -> dict[str, Resource]:
    """Resources of that Plan by name."""
    return {resource.name: resource for resource in plan.resources}


@pytest.fixture(scope="session")
def berth() -> Berth:
    """Run the command line in a process of its own, in the toy project unless told otherwise."""

    def run(*args: str, cwd: Path = TOY, **env: str) -> subprocess.CompletedProcess[str]:
        # No colour, no width and no credential may come from whoever runs the tests.
        kept = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "PYTHONPATH": str(CHECKOUT)}
        return subprocess.run(
            [sys.executable, "-m", "berth", *args],
            cwd=cwd,
            env={**kept, **env},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run
