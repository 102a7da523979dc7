"""Plans of the project's own program, one for each backend, with everything else the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from berth.plan import Plan
from berth.record import record_plan

ROOT = Path(__file__).resolve().parents[2]
BACKENDS = ("ecs-fargate", "ecs-ec2", "eks")
PROGRAM = ("Pulumi.yaml", "__main__.py", "charts", "components", "policy", "services", "settings.py", "validation")

Record = Callable[..., Plan]


@pytest.fixture(scope="session")
def record(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """Record the program under a stack file of the test's own, always as the stack ``same``."""

    def run(backend: str, more: str = "") -> Plan:
        root = tmp_path_factory.mktemp(backend)
        for name in PROGRAM:
            (root / name).symlink_to(ROOT / name)
        text = f"config:\n  aws:region: eu-central-1\n  berth:backend: {backend}\n{more}"
        (root / "Pulumi.same.yaml").write_text(text)
        return record_plan("same", root)

    return run


@pytest.fixture(scope="session")
def plans(record: Record) -> dict[str, Plan]:
    """One plan a backend."""
    return {backend: record(backend) for backend in BACKENDS}
