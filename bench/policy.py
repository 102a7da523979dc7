"""Measure how long the policies take to judge 1,000 resources, beyond their start-up.

The resources are this project's own stacks, over and over, each time under other names and linked as in their plan,
until there are 1,000 that any rule looks at. They are judged as ``berth preview`` judges them, in processor time, so
that nothing else on the machine counts; and as the Pulumi CLI has them judged, one by one over its protocol and then as
a whole, in real time, for most of that is the protocol's own.

    python -m bench.policy [--repeat N]

Exits with 1 if judging takes longer than a second.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from berth.config import find_root, stacks
from berth.plan import UNKNOWN, Resource, Secret

LIMIT: Final = 1.0
"""Seconds that judging may take."""
RESOURCES: Final = 1000


def resources(root: Path) -> list[Resource]:
    """Return the resources to judge."""
    from berth.record import record_plan
    from policy.rules.registry import rules_for

    plans = [record_plan(stack, root).resources for stack in stacks(root)]
    found: list[Resource] = []
    looked_at = 0
    for number, plan in enumerate(cycle(plans)):
        for one in plan:
            found.append(_copy(one, number))
            looked_at += bool(rules_for(one.type))
            if looked_at == RESOURCES:
                return found
    return found


def _copy(resource: Resource, number: int) -> Resource:
    def renamed(urn: str) -> str:
        return f"{urn}-{number}"

    return replace(
        resource,
        urn=renamed(resource.urn),
        name=renamed(resource.name),
        parent=renamed(resource.parent) if resource.parent else None,
        property_dependencies={key: tuple(map(renamed, urns)) for key, urns in resource.property_dependencies.items()},
    )


def seconds(work: Callable[[], object], repeat: int, clock: Callable[[], float] = time.perf_counter) -> float:
    """Return the median time of some work."""
    times = []
    for _ in range(repeat):
        start = clock()
        work()
        times.append(clock() - start)
    return statistics.median(times)


def start_up(root: Path, repeat: int) -> float:
    """Return how long the rules take to be there, in a process of their own."""
    bare, ready = (
        seconds(lambda code=code: subprocess.run([sys.executable, "-c", code], cwd=root, check=True), repeat)  # type: ignore[misc]
        for code in ("pass", "import policy.judge")
    )
    return ready - bare


@contextmanager
def pack(root: Path) -> Iterator[Any]:
    """Run the pack as the CLI runs it, and connect to it."""
    import grpc  # type: ignore[import-untyped]
    from pulumi.runtime.proto import analyzer_pb2_grpc

    home = root / "policy"
    command = [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:1", str(home)]
    environment = {**os.environ, "PWD": str(root)}
    with subprocess.Popen(command, cwd=home, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            port = process.stdout.readline().strip()
            with closing(grpc.insecure_channel(f"127.0.0.1:{port}")) as channel:
                yield analyzer_pb2_grpc.AnalyzerStub(channel)
        finally:
            process.kill()


def requests(judged: Sequence[Resource]) -> tuple[list[Any], Any]:
    """Return what the engine asks: a request for each resource, and one for the stack."""
    from pulumi.runtime.proto import analyzer_pb2

    from berth.values import to_struct

    single, whole = [], analyzer_pb2.AnalyzeStackRequest()
    for one in judged:
        properties = to_struct(one.inputs)
        single.append(analyzer_pb2.AnalyzeRequest(type=one.type, name=one.name, urn=one.urn, properties=properties))
        added = whole.resources.add(type=one.type, name=one.name, urn=one.urn, properties=properties)
        added.parent = one.parent or ""
        for key, urns in one.property_dependencies.items():
            added.propertyDependencies[key].urns.extend(urns)
    return single, whole


def main() -> int:
    """Measure, print and compare with the limit."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeat", type=int, default=5, help="how often each is measured (default: 5)")
    repeat = parser.parse_args().repeat
    root = find_root(Path())
    judged = resources(root)
    from policy.judge import judge

    direct = seconds(lambda: judge(judged, unknown=UNKNOWN, secret=Secret, root=root), repeat, time.process_time)
    single, whole = requests(judged)
    with pack(root) as stub:

        def ask() -> None:
            for one in single:
                stub.Analyze(one)
            stub.AnalyzeStack(whole)

        ask()
        asked = seconds(ask, repeat)
    console = Console(highlight=False, width=120)
    console.print(f"policies: start-up {start_up(root, repeat):.2f} s; beyond it,")
    console.print(
        f"  {RESOURCES:,} resources to judge among {len(judged):,}: {direct:.2f} s of processor time, "
        f"{direct / LIMIT:.2f} times the limit of {LIMIT:g} s",
        style="" if direct <= LIMIT else "bold red",
    )
    console.print(f"  over the CLI's protocol: {1000 * asked / len(judged):.1f} ms for each of the {len(judged):,}")
    return 0 if direct <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
