"""What tests that run containers share: names of their own, real Plans, and a rehearsal with what it printed."""

from __future__ import annotations

import io
import os
from dataclasses import replace
from functools import cache
from pathlib import Path

from rich.console import Console

from berth.plan import Plan
from berth.record import record_plan
from berth.rehearse import Options, Rehearsal, run

ROOT = Path(__file__).resolve().parents[2]
OWN = f"tests-{os.getpid()}"
"""In every name: others may rehearse, and test, on this machine at the same time."""
STACKS = ("beanstalk-dev", "dev", "ecs-ec2-dev", "eks-dev")
SOURCES = Path(__file__).parent / "services"
SCRATCH = f"scratch-{OWN}"
SHELL_LESS = f"localhost/berth-{OWN}:scratch"
CLOSED = f"localhost/berth-{OWN}:closed"


@cache
def planned(stack: str) -> Plan:
    """A real stack's Plan, under a name of its own: whoever rehearses the stack meanwhile is not disturbed."""
    return replace(record_plan(stack, ROOT), stack=f"{stack}-{OWN}")


def sample_image() -> str:
    """The name of the sample's image, which has Python in it."""
    [one] = planned("dev").of_type("docker:index/image:Image")
    return str(one.inputs["imageName"])


def rehearse(
    plan: Plan, root: Path = ROOT, keep: bool = False, options: Options | None = None
) -> tuple[Rehearsal, str]:
    """Rehearse a plan; return what came of it and what was printed."""
    console = Console(file=io.StringIO(), width=160)
    try:
        rehearsal = run(plan, keep=keep, console=console, project_root=root, options=options)
    finally:
        assert isinstance(console.file, io.StringIO)
        print(console.file.getvalue())
    return rehearsal, console.file.getvalue()
