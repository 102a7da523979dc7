"""Measure what more services cost: ``berth preview`` of five of them against one, at each berth.

    python -m bench.services [--repeat N] [BERTH ...]

Both kinds run in turns, in fresh processes, after one round that is not counted. Exits with 1 if five take more than
``LIMIT`` times the time of one.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Final

from rich.console import Console

from bench.preview import Run, median, run
from berth.config import find_root
from components.berths.registry import BERTHS

LIMIT: Final = 1.5
COUNTS: Final = {"one": 1, "five": 5}
PROGRAM: Final = ("Pulumi.yaml", "__main__.py", "charts", "components", "policy", "services")


def stack_file(berth: str, count: int) -> str:
    """Return a stack of several services, each of its own image and behind its own path."""
    services = [f"    service-{n}: {{image: 'registry.example.com/app:1.{n}', path: /{n}}}" for n in range(count)]
    machines = "  berth:ecs-ec2: {maxInstances: 20}"
    head = ["config:", "  aws:region: us-east-1", f"  berth:backend: {berth}", machines, "  berth:services:"]
    return "\n".join([*head, *services, ""])


def measure(berth: str, root: Path, repeat: int) -> dict[str, Run]:
    """Measure both stacks at one berth."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        for name in PROGRAM:
            (project / name).symlink_to(root / name)
        for name, count in COUNTS.items():
            (project / f"Pulumi.{name}.yaml").write_text(stack_file(berth, count))
        runs: dict[str, list[Run]] = {name: [] for name in COUNTS}
        for _ in range(repeat + 1):
            for name, found in runs.items():
                found.append(run([sys.executable, "-m", "berth", "preview", name, "-C", folder], root))
    return {name: median(found[1:]) for name, found in runs.items()}


def main() -> int:
    """Measure the berths named on the command line, or all."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("berths", nargs="*", metavar="BERTH", default=list(BERTHS), help="all if none is given")
    parser.add_argument("--repeat", type=int, default=5, help="counted processes of each kind (default: 5)")
    options = parser.parse_args()
    console = Console(highlight=False)
    failed = False
    for berth in options.berths:
        found = measure(berth, find_root(Path()), options.repeat)
        one, five = found["one"], found["five"]
        ratio = five.seconds / one.seconds
        failed |= ratio > LIMIT or bool(one.code or five.code)
        times = f"{five.seconds:.2f} s against {one.seconds:.2f} s; limit {LIMIT:g}"
        console.print(f"five services at {berth}: {ratio:.2f} times one ({times}), exit codes {one.code}, {five.code}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
