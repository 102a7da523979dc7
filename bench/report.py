"""Measure ``berth report`` of three stacks: seconds and peak memory, against their limits.

    python -m bench.report

Exits with 1 beyond 10 s or 400 MiB.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Final

from rich.console import Console

from bench.preview import run
from berth.config import find_root

STACKS: Final = ("ecs-fargate-dev", "ecs-ec2-dev", "eks-dev")
SECONDS: Final = 10.0
MEBIBYTES: Final = 400.0


def main() -> int:
    """Write the report once and judge what it took."""
    with tempfile.TemporaryDirectory() as folder:
        done = run([sys.executable, "-m", "berth", "report", *STACKS, "-o", folder], find_root(Path()))
    Console(highlight=False).print(
        f"berth report {' '.join(STACKS)}: {done.seconds:.1f} s ({done.seconds / SECONDS:.2f} times the limit of "
        f"{SECONDS:g} s), {done.mebibytes:.0f} MiB ({done.mebibytes / MEBIBYTES:.2f} times {MEBIBYTES:g})"
    )
    return int(bool(done.code) or done.seconds > SECONDS or done.mebibytes > MEBIBYTES)


if __name__ == "__main__":
    sys.exit(main())
