"""The Plans of this project's own stacks, each recorded once."""

from __future__ import annotations

from pathlib import Path

import pytest

from berth.plan import Plan
from berth.record import record_plan

ROOT = Path(__file__).parents[2]
STACKS = ("ecs-fargate-dev", "ecs-ec2-dev", "eks-dev")


@pytest.fixture(scope="session")
def plans() -> dict[str, Plan]:
    """Plan of every backend's stack."""
    return {stack: record_plan(stack, ROOT) for stack in STACKS}
