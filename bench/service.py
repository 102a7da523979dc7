"""Measure the sample service against a floor: the same server, running an application that does nothing.

The floor is uvicorn with the service's own options, its loop and its HTTP parser among them, under an application that
answers any GET with a constant of the sample record's size, and a POST with its body. It is what no service on that
server can be faster than, so that a ratio says what the service adds, on any machine. One worker each; ``wrk`` sends
both the same requests over keep-alive connections, the next one as soon as the last one is answered. Floor and service
run in turns and the medians count, so that the machine's weather meets both.

PostgreSQL is a real one, with TLS, and a commit waits for the disk; it and ``wrk`` share the cores with the worker.

    python -m bench.service [--seconds N] [--rounds N] [--connections N] [--no-fsync]

Exits with 1 if something failed to run, answers other than 2xx included; not if an aim is missed.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from bench.processes import (
    BenchError,
    Database,
    Memory,
    Start,
    Worker,
    database,
    environment,
    free_port,
    interpreter,
    medians,
    memory,
    processor_seconds,
    table,
    tail,
)
from berth.config import find_root

DISK: Final = Path("/var/tmp")
"""A folder on a disk; /tmp may be in memory, where fsync costs nothing."""
SEEDED: Final = 2000
"""Users of whom the latest record is asked for."""
SEEDED_RECORDS: Final = 5
"""Records of each before the measuring."""
POSTED: Final = 4000
"""Users of whom records are sent; the first ones are those that are read."""
WARM_UP_SECONDS: Final = 2
STARTS: Final = 5

AIM_START: Final = 1.0
"""Seconds until the service is ready."""
AIM_MEMORY: Final = 120.0
"""MiB of a worker after load."""
KINDS: Final[dict[str, tuple[str, float | None]]] = {
    "latest": ("GET latest", 0.20),
    "post": ("POST a record", 0.15),
    "keyed": ("POST, Idempotency-Key", None),
}
"""What is sent, and which part of the floor's throughput is aimed at."""

# Run by the service's interpreter: port, size of the constant.
_FLOOR: Final = """
import sys, uvicorn
from biometric.server import OPTIONS
constant = b'{"x":"' + b"x" * (int(sys.argv[2]) - 8) + b'"}'
async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    status, body = 200, constant
    if scope["method"] == "POST":
        status, body, more = 201, b"", True
        while more:
            message = await receive()
            body, more = body + message["body"], message["more_body"]
    length = str(len(body)).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", length)]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), **OPTIONS)
"""


@dataclass(frozen=True)
class Load:
    """One run of ``wrk``, or the medians of several."""

    per_second: float
    p50: float
    """Milliseconds, as p99."""
    p99: float
    cpu: float
    """Microseconds of processor time of the worker, a request; what else runs on the machine hardly changes it."""
    requests: int
    """Answered, all of them with 2xx."""


def seed(port: int, record: bytes) -> int:
    """Give each user that is read a few records; return how many."""
    document = json.loads(record)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for number in range(SEEDED_RECORDS):
        for first in range(0, SEEDED, 1000):
            batch = [
                document | {"userId": 202_000_000 + user, "tsStop": document["tsStop"] + number}
                for user in range(first, min(first + 1000, SEEDED))
            ]
            connection.request("POST", "/rest/records:batch", json.dumps(batch))
            answer = connection.getresponse()
            said = answer.read()
            if answer.status != 201:
                raise BenchError(f"the first records were answered with {answer.status}: {said.decode()[:500]}")
    connection.close()
    return SEEDED * SEEDED_RECORDS


def load(worker: Worker, process: int, kind: str, seconds: int, connections: int, record: Path, run: int) -> Load:
    """Send requests of one kind for a while.

    Args:
        worker: Which process answers.
        process: Its process id.
        kind: A key of ``KINDS``.
        seconds: How long.
        connections: Requests at once, each on a connection of its own.
        record: File of a record.
        run: Number that no other run has.

    Raises:
        BenchError: A request failed or was answered with 4xx or 5xx.
    """
    taken = processor_seconds(process)
    done = subprocess.run(
        ["wrk", "--threads", "1", "--connections", str(connections), "--duration", f"{seconds}s", "--latency",
         "--timeout", "10s", "--script", str(Path(__file__).with_suffix(".lua")), f"http://127.0.0.1:{worker.port}",
         "--", kind, str(record), str(run), str(SEEDED), str(POSTED)],
        env=environment({}), capture_output=True, text=True, check=False,
    )  # fmt: skip
    taken = processor_seconds(process) - taken
    if done.returncode:
        raise BenchError(f"wrk ended with {done.returncode}: {done.stderr or done.stdout}")
    said = json.loads(done.stdout.splitlines()[-1])
    errors = {name: said[name] for name in ("connect", "read", "write", "status", "timeout") if said[name]}
    if errors or not said["requests"]:
        what = ", ".join(f"{number} {name}" for name, number in errors.items()) or "no answer"
        raise BenchError(f"{KINDS[kind][0]} to the {worker.name}: {what} errors:\n{tail(worker.log)}")
    return Load(
        said["requests"] / said["microseconds"] * 1e6,
        said["p50"] / 1e3,
        said["p99"] / 1e3,
        taken / said["requests"] * 1e6,
        said["requests"],
    )


@dataclass(frozen=True)
class Figures:
    """Everything measured; of each pair, the floor's and then the service's."""

    starts: tuple[Start, Start]
    idle: tuple[Memory, Memory]
    loaded: tuple[Memory, Memory]
    loads: Mapping[str, tuple[Load, Load]]

    def ratio(self, kind: str) -> float:
        """Return the service's throughput as a part of the floor's."""
        floor, service = self.loads[kind]
        return service.per_second / floor.per_second


def measure(floor: Worker, service: Worker, data: Database, options: argparse.Namespace, record: Path) -> Figures:
    """Measure both.

    Raises:
        BenchError: Something did not run, or a record that was accepted is not there.
    """
    both = (floor, service)
    starts: dict[str, list[Start]] = {worker.name: [] for worker in both}
    for _ in range(STARTS):
        for worker in both:
            with worker.running() as (_, start):
                starts[worker.name].append(start)
    with ExitStack() as stack:
        processes = [stack.enter_context(worker.running())[0] for worker in both]
        idle = [memory(process) for process in processes]
        stored = seed(service.port, record.read_bytes())
        data.ask("VACUUM ANALYZE")
        runs = count(1)
        accepted = 0
        loads: dict[str, tuple[list[Load], list[Load]]] = {kind: ([], []) for kind in KINDS}
        for number in range(options.rounds + 1):
            for kind, found in loads.items():
                for worker, process, results in zip(both, processes, found, strict=True):
                    seconds = options.seconds if number else WARM_UP_SECONDS
                    result = load(worker, process, kind, seconds, options.connections, record, next(runs))
                    accepted += result.requests if worker is service and kind != "latest" else 0
                    if number:
                        results.append(result)
        loaded = [memory(process) for process in processes]
    (there,) = data.ask("SELECT count(*) FROM record")
    if there < stored + accepted:
        raise BenchError(f"{stored + accepted} records were accepted, and only {there} are in the database")
    return Figures(
        (medians(starts[floor.name]), medians(starts[service.name])),
        (idle[0], idle[1]),
        (loaded[0], loaded[1]),
        {kind: (medians(found[0]), medians(found[1])) for kind, found in loads.items()},
    )


def tables(figures: Figures, connections: int) -> tuple[Table, Table]:
    """Return the figures: of requests, and of the worker."""
    requests = table(
        f"requests, {connections} connections; milliseconds", "", "floor /s", "service /s", "ratio", "aim",
        "floor p50", "p99", "service p50", "p99",
    )  # fmt: skip
    for kind, (name, aim) in KINDS.items():
        floor, service = figures.loads[kind]
        requests.add_row(
            name, f"{floor.per_second:,.0f}", f"{service.per_second:,.0f}", f"{figures.ratio(kind):.3f}",
            f">= {aim:.2f}" if aim else "", f"{floor.p50:.1f}", f"{floor.p99:.1f}",
            f"{service.p50:.1f}", f"{service.p99:.1f}",
        )  # fmt: skip
    worker = table("one worker", "", "floor", "service", "times", "aim")

    def row(name: str, values: tuple[float, float], form: str, aim: str = "") -> None:
        floor, service = values
        worker.add_row(name, form.format(floor), form.format(service), f"{service / floor:.1f}", aim)

    first, second = figures.starts
    row("start until /healthz", (first.alive, second.alive), "{:.2f} s")
    row("start until /readyz", (first.ready, second.ready), "{:.2f} s", f"< {AIM_START:g} s")
    for when, (floor_held, held), limit in (
        ("idle", figures.idle, ""),
        ("after load", figures.loaded, f"<= {AIM_MEMORY:g} MiB"),
    ):
        row(f"RSS {when}", (floor_held.rss, held.rss), "{:.0f} MiB", limit)
        row(f"PSS {when}", (floor_held.pss, held.pss), "{:.0f} MiB")
    for kind, (name, _) in KINDS.items():
        floor, service = figures.loads[kind]
        row(f"processor, {name}", (floor.cpu, service.cpu), "{:.0f} us")
    return requests, worker


def verdicts(figures: Figures) -> Iterator[tuple[bool, str]]:
    """Yield for each aim whether it is reached, and the sentence that says so."""
    for kind, (name, aim) in KINDS.items():
        if aim is not None:
            ratio = figures.ratio(kind)
            yield ratio >= aim, f"{name}: {ratio:.3f} of the floor's throughput, at least {aim:.2f} is the aim"
    ready = figures.starts[1].ready
    yield ready < AIM_START, f"start: ready after {ready:.2f} s, less than {AIM_START:g} s is the aim"
    rss = figures.loaded[1].rss
    yield rss <= AIM_MEMORY, f"memory: {rss:.0f} MiB RSS after load, at most {AIM_MEMORY:g} MiB is the aim"


def bench(root: Path, options: argparse.Namespace, console: Console) -> None:
    """Measure, and print what was found.

    Raises:
        BenchError: Something did not run.
    """
    if shutil.which("wrk") is None:
        raise BenchError("there is no wrk; on Debian: apt-get install wrk")
    python = interpreter(root)
    # Two folders: the data's is given to PostgreSQL's account, which may look into no other.
    with (
        tempfile.TemporaryDirectory(dir=DISK, prefix="bench-service-") as name,
        tempfile.TemporaryDirectory(dir=DISK, prefix="bench-service-data-") as data_name,
    ):
        folder = Path(name)
        record = folder / "record.json"
        record.write_bytes((root / "services/biometric/sample/record.json").read_bytes().rstrip(b"\n"))
        size = record.stat().st_size
        with database(root, python, Path(data_name), folder / "postgres.log", fsync=options.fsync) as data:
            ports = free_port(), free_port()
            variables = {**data.variables, "MAX_REPLICAS": "1", "LISTEN_HOST": "127.0.0.1", "PORT": str(ports[1])}
            # Sent to the same place as the service's log would be, at the level that it has by default.
            command = [str(python), "-c", _FLOOR, str(ports[0]), str(size)]
            floor = Worker("floor", command, {}, ports[0], folder / "f.log")
            service = Worker("service", [str(python), "-m", "biometric"], variables, ports[1], folder / "service.log")
            migration = subprocess.run(
                [str(python), "-m", "biometric.migrate"], env=environment(variables), capture_output=True, text=True
            )
            if migration.returncode:
                raise BenchError(f"the database could not be migrated:\n{migration.stderr}")
            before = os.getloadavg()[0]
            figures = measure(floor, service, data, options, record)
            (version,) = data.ask("SHOW server_version")
    durable = "wait for the disk (fsync on)" if options.fsync else "do not wait for the disk (fsync off)"
    console.print(
        f"{os.cpu_count()} cores, shared by the worker, wrk and PostgreSQL {version.split()[0]}; load average"
        f" {before:.1f} before, {os.getloadavg()[0]:.1f} after.\n"
        f"commits {durable}, data in {DISK}; TLS to the database; medians of {options.rounds} runs of"
        f" {options.seconds} s each in turns, and of {STARTS} starts."
    )
    if before > (os.cpu_count() or 1) / 2:
        # The service needs PostgreSQL's processor time as well, and suffers more than the floor.
        console.print("The machine had other work: measure again when it is quiet.", style="bold")
    console.print(*tables(figures, options.connections), sep="\n")
    for reached, sentence in verdicts(figures):
        console.print(f"{'reached' if reached else 'MISSED '}  {sentence}", style="" if reached else "bold red")


def main() -> int:
    """Measure as the command line says."""
    parser = argparse.ArgumentParser(description="Measure the sample service against a floor.")
    parser.add_argument("--seconds", type=int, default=8, help="length of each run (default: 8)")
    parser.add_argument("--rounds", type=int, default=3, help="counted runs of each kind (default: 3)")
    parser.add_argument("--connections", type=int, default=32, help="requests at once (default: 32)")
    parser.add_argument("--no-fsync", dest="fsync", action="store_false", help="do not let commits wait for the disk")
    options = parser.parse_args()
    # Wide enough for the tables wherever it is printed.
    console = Console(highlight=False, width=max(120, shutil.get_terminal_size().columns))
    try:
        bench(find_root(Path()), options, console)
    except BenchError as error:
        console.print(f"bench.service: {error}", style="bold red", markup=False)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
