"""The project's own program, under a stack file of a test's own."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from berth.plan import Plan
from berth.record import record_plan

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = ("Pulumi.yaml", "__main__.py", "charts", "components", "policy", "services")

Record = Callable[..., Plan]


def copied(root: Path) -> Path:
    """Copy the program into a new folder, without a stack or a service."""
    (root / "services").mkdir(parents=True)
    for name in PROGRAM:
        if name != "services":
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copy(ROOT / name, root / name)
    return root


def recorder(factory: pytest.TempPathFactory, stack: str = "same", region: str = "eu-central-1") -> Record:
    """Return a function that records the program for a berth, always as the same stack in the same region.

    None for the berth leaves it to the config.

    Its second argument is more of the stack's config, as indented YAML.
    """

    def record(backend: str | None, more: str = "") -> Plan:
        chosen = f"  berth:backend: {backend}\n" if backend else ""
        return recorded(factory.mktemp(backend or "several"), stack, f"  aws:region: {region}\n{chosen}{more}")

    return record


def recorded(root: Path, stack: str, config: str) -> Plan:
    """Record the program in an empty folder, with a stack of this config, as indented YAML."""
    for name in PROGRAM:
        (root / name).symlink_to(ROOT / name)
    (root / f"Pulumi.{stack}.yaml").write_text(f"config:\n{config}")
    return record_plan(stack, root)
