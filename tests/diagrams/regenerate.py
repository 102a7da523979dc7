"""Writes the golden graphs and docs/diagrams anew: ``uv run python -m tests.diagrams.regenerate``; needs Graphviz.

Look at what changed before it is committed: the pictures are shown in the README.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from berth.diagrams import KINDS, build, flows_file, load, write
from berth.plan import Plan
from berth.record import record_plan

ROOT: Final = Path(__file__).resolve().parents[2]
GOLDEN: Final = Path(__file__).with_name("golden")
DOCS: Final = ROOT / "docs" / "diagrams"
STACKS: Final = ("eks-dev", "ecs-fargate-dev", "ecs-ec2-dev")
HOW: Final = "regenerate with `uv run python -m tests.diagrams.regenerate`, and look at the pictures"


def golden(plan: Plan) -> str:
    """Return every graph of a stack as text."""
    file = flows_file(plan, ROOT)
    flows = load(plan, file) if file else []
    return "\n".join([*(build(plan, kind).text() for kind in KINDS), *(flow.graph.text() for flow in flows)])


def main() -> None:
    """Write all of it, and remove what is no longer drawn."""
    GOLDEN.mkdir(exist_ok=True)
    for stack in STACKS:
        plan = record_plan(stack, ROOT)
        (GOLDEN / f"{stack}.txt").write_text(golden(plan), encoding="utf-8")
        directory = DOCS / stack
        written = set(write(plan, flows_file(plan, ROOT), directory, ("svg", "mermaid")))
        for stale in set(directory.iterdir()) - written:
            stale.unlink()


if __name__ == "__main__":
    main()
