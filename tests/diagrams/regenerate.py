"""Writes the golden graphs and docs/diagrams anew: ``uv run python -m tests.diagrams.regenerate``; needs Graphviz.

Look at what changed before it is committed: the pictures are shown in the README.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

from berth.diagrams import KINDS, build, load, write
from berth.plan import Plan
from berth.record import record_plan
from tests.programs import recorded

ROOT: Final = Path(__file__).resolve().parents[2]
GOLDEN: Final = Path(__file__).with_name("golden")
DOCS: Final = ROOT / "docs" / "diagrams"
FLEET: Final = """\
  aws:region: us-east-1
  berth:berths: {ecs-fargate: 90, eks: 10}
  berth:services:
    biometric: {uses: [database, billing]}
    shop: {image: "registry.example.com/shop:1.4.2", path: /shop}
    billing: {image: "registry.example.com/billing:2.0.1", exposure: internal, path: /billing}
    mail: {image: "registry.example.com/mail:1.0.3", kind: worker, uses: [billing]}
    report: {image: "registry.example.com/report:1.1.0", kind: job, schedule: "0 6 * * MON-FRI", uses: [database]}
"""
"""Several services at several berths."""
STACKS: Final = ("eks-dev", "ecs-fargate-dev", "ecs-ec2-dev", "ec2-dev", "beanstalk-dev", "lambda-dev", "fleet")
HOW: Final = "regenerate with `uv run python -m tests.diagrams.regenerate`, and look at the pictures"


def record(stack: str) -> Plan:
    """Return the plan of one of the repository's own stacks, or of the fleet."""
    if stack != "fleet":
        return record_plan(stack, ROOT)
    with tempfile.TemporaryDirectory() as folder:
        return recorded(Path(folder), stack, FLEET)


def golden(plan: Plan) -> str:
    """Return every graph of a stack as text."""
    return "\n".join([build(plan, kind).text() for kind in KINDS] + [flow.graph.text() for flow in load(plan, ROOT)])


def main() -> None:
    """Write all of it, and remove what is no longer drawn."""
    GOLDEN.mkdir(exist_ok=True)
    for stack in STACKS:
        plan = record(stack)
        (GOLDEN / f"{stack}.txt").write_text(golden(plan), encoding="utf-8")
        directory = DOCS / stack
        written = set(write(plan, load(plan, ROOT), directory, ("svg", "mermaid")))
        for stale in set(directory.iterdir()) - written:
            stale.unlink()


if __name__ == "__main__":
    main()
