"""Measure ``berth preview`` of every stack against importing the SDK modules that the stack uses.

No Pulumi program in Python takes less than that import, so on any machine the ratio says how much planning, judging and
drawing add. Every figure is the median of several fresh processes, the two kinds in turns, after one round that is not
counted. Bytecode is cached, as in any second run of berth.

    python -m bench.preview [--repeat N] [--rehearse] [STACK ...]

Exits with 1 if a preview takes more than twice the import.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from bench.processes import table
from berth.config import find_root, stacks

LIMIT: Final = 2.0
"""A preview may take this many times the import."""

# Run in a process of its own: record the stack, then say which SDK modules that has imported.
_LIST: Final = """
import json, sys
from pathlib import Path
from berth.record import record_plan
record_plan(sys.argv[1], Path(sys.argv[2]))
sdk = [name for name in sys.modules if name.split(".")[0] == "pulumi" or name.startswith("pulumi_")]
print(json.dumps(sdk))
"""
# Without the garbage collector, as a preview imports them: with it the import alone takes twice as long.
_IMPORT: Final = """
import gc, importlib, json, sys
gc.disable()
for name in json.load(sys.stdin):
    importlib.import_module(name)
"""


@dataclass(frozen=True)
class Run:
    """One process, from start to end."""

    seconds: float
    mebibytes: float
    """The most memory it held at once."""
    code: int


@dataclass(frozen=True)
class Result:
    """One stack."""

    stack: str
    modules: int
    imports: Run
    preview: Run

    @property
    def ratio(self) -> float:
        """How many times the import a preview takes."""
        return self.preview.seconds / self.imports.seconds


def run(command: Sequence[str], root: Path, stdin: str = "") -> Run:
    """Run ``command`` and measure it alone; what it prints is dropped."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    none = subprocess.DEVNULL
    process = subprocess.Popen(
        command, cwd=root, env=environment, stdin=subprocess.PIPE, stdout=none, stderr=none, text=True
    )
    assert process.stdin
    process.stdin.write(stdin)
    process.stdin.close()
    # wait4 and not wait: it tells this one child's memory, which Linux counts in kibibytes and macOS in bytes.
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    return Run(seconds, usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10), process.returncode)


def median(runs: Sequence[Run]) -> Run:
    """Return the median time and memory; an exit code that is not always the same is the worst one."""
    return Run(
        statistics.median(item.seconds for item in runs),
        statistics.median(item.mebibytes for item in runs),
        max(item.code for item in runs),
    )


def measure(stack: str, root: Path, repeat: int) -> Result:
    """Measure one stack."""
    listing = subprocess.run(
        [sys.executable, "-c", _LIST, stack, str(root)], cwd=root, check=True, text=True, stdout=subprocess.PIPE
    )
    modules = listing.stdout.splitlines()[-1]
    imports: list[Run] = []
    previews: list[Run] = []
    for _ in range(repeat + 1):
        imports.append(run([sys.executable, "-c", _IMPORT], root, stdin=modules))
        previews.append(run([sys.executable, "-m", "berth", "preview", stack], root))
    return Result(stack, len(json.loads(modules)), median(imports[1:]), median(previews[1:]))


def summary(results: Sequence[Result]) -> Table:
    """Return the results as a table."""
    title = f"berth preview against importing its SDK modules (limit: {LIMIT:g} times)"
    drawn = table(title, "stack", "modules", "import", "preview", "times", "peak memory")
    for item in results:
        drawn.add_row(
            item.stack,
            str(item.modules),
            f"{item.imports.seconds:.2f} s",
            f"{item.preview.seconds:.2f} s",
            f"{item.ratio:.2f}",
            f"{item.preview.mebibytes:.0f} MiB",
            style="" if item.ratio <= LIMIT else "bold red",
        )
    return drawn


def main() -> int:
    """Measure the stacks named on the command line, or all."""
    parser = argparse.ArgumentParser(description="Measure berth preview against importing the SDK.")
    parser.add_argument("stacks", nargs="*", metavar="STACK", help="all stacks if none is given")
    parser.add_argument("--repeat", type=int, default=5, help="counted processes of each kind (default: 5)")
    parser.add_argument("--rehearse", action="store_true", help="time berth rehearse too, once a stack; needs podman")
    options = parser.parse_args()
    root = find_root(Path())
    console = Console(highlight=False)
    names = options.stacks or stacks(root)

    helps = median([run([sys.executable, "-m", "berth", "--help"], root) for _ in range(options.repeat)])
    results = [measure(stack, root, options.repeat) for stack in names]
    console.print(summary(results))
    console.print(f"berth --help: {helps.seconds:.2f} s, {helps.mebibytes:.0f} MiB")
    failed = [item.stack for item in results if item.preview.code or item.ratio > LIMIT]

    if options.rehearse and not shutil.which("podman"):
        console.print("berth rehearse: not run, podman is not installed")
    elif options.rehearse:
        for stack in names:
            rehearsal = run([sys.executable, "-m", "berth", "rehearse", stack], root)
            console.print(f"berth rehearse {stack}: {rehearsal.seconds:.1f} s, exit code {rehearsal.code}")
            failed += [stack] if rehearsal.code else []

    if failed:
        console.print(f"Too slow or failed: {', '.join(sorted(set(failed)))}", style="bold red")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
