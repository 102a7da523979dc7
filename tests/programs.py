"""The project's own program, under a stack file of a test's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from berth.plan import Plan
from berth.record import record_plan

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = ("Pulumi.yaml", "__main__.py", "charts", "components", "policy", "services")

Record = Callable[..., Plan]


def recorder(factory: pytest.TempPathFactory, stack: str = "same", region: str = "eu-central-1") -> Record:
    """Return a function that records the program for a berth, always as the same stack in the same region.

    None for the berth leaves it to the config.

    Its second argument is more of the stack's config, as indented YAML.
    """

    def record(backend: str | None, more: str = "") -> Plan:
        root = factory.mktemp(backend or "several")
        for name in PROGRAM:
            (root / name).symlink_to(ROOT / name)
        chosen = f"  berth:backend: {backend}\n" if backend else ""
        text = f"config:\n  aws:region: {region}\n{chosen}{more}"
        (root / f"Pulumi.{stack}.yaml").write_text(text)
        return record_plan(stack, root)

    return record
