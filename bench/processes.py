"""What the benchmarks share: a serving worker, a PostgreSQL server, figures from /proc, and tables."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import socket
import statistics
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final, TypeVar

from rich.box import SIMPLE
from rich.table import Table

T = TypeVar("T")

START_SECONDS: Final = 30.0


class BenchError(Exception):
    """Something did not run; the message says what and why."""


def table(title: str, *headings: str) -> Table:
    """Return an empty table: text in the first column, numbers in the others."""
    drawn = Table(title=title, title_justify="left", box=SIMPLE, pad_edge=False)
    for number, heading in enumerate(headings):
        drawn.add_column(heading, justify="right" if number else "left", no_wrap=True)
    return drawn


def medians(runs: Sequence[T]) -> T:
    """Return the median of every field of a dataclass of numbers."""
    kind: Any = type(runs[0])
    return kind(*(statistics.median(getattr(run, one.name) for run in runs) for one in fields(kind)))  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Start:
    """One start of a process, in seconds."""

    alive: float
    """Until ``/healthz`` answers 200."""
    ready: float
    """Until ``/readyz`` does."""


@dataclass(frozen=True)
class Memory:
    """A process's memory, in MiB."""

    rss: float
    pss: float
    """Without the part of shared pages that others hold as well."""


@dataclass(frozen=True)
class Worker:
    """A serving process, and how it is started."""

    name: str
    command: Sequence[str]
    variables: Mapping[str, str]
    port: int
    log: Path

    @contextmanager
    def running(self) -> Iterator[tuple[int, Start]]:
        """Start it, wait until it is ready, and end it at the end.

        Yields:
            Its process id and how long the start took.

        Raises:
            BenchError: It ended, or did not become ready.
        """
        begun = time.perf_counter()
        with self.log.open("ab") as output:
            process = subprocess.Popen(self.command, env=environment(self.variables), stdout=output, stderr=output)
        try:
            alive = self._wait_for("/healthz", process, begun)
            yield process.pid, Start(alive, self._wait_for("/readyz", process, begun))
        finally:
            process.kill()
            process.wait()

    def _wait_for(self, path: str, process: subprocess.Popen[bytes], begun: float) -> float:
        """Return the seconds from the begin until a path answers 200."""
        while not _answers(self.port, path):
            if process.poll() is not None:
                raise BenchError(f"the {self.name} ended with {process.returncode}:\n{tail(self.log)}")
            if time.perf_counter() - begun > START_SECONDS:
                raise BenchError(f"the {self.name}'s {path} does not answer 200:\n{tail(self.log)}")
            time.sleep(0.002)
        return time.perf_counter() - begun


class Database:
    """A PostgreSQL server, run by the tests' own helper."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        """Wait until it runs.

        Raises:
            BenchError: It does not.
        """
        self._process, self._log = process, log
        self.variables: dict[str, str] = self._answer()

    def ask(self, statement: str) -> Any:
        """Run one line of SQL; return its first row as a list, or None."""
        assert self._process.stdin
        self._process.stdin.write(statement + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> Any:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise BenchError(f"PostgreSQL does not run:\n{tail(self._log)}")
        return json.loads(line)


@contextmanager
def database(root: Path, python: Path, folder: Path, log: Path, *, fsync: bool) -> Iterator[Database]:
    """Run PostgreSQL with its data in an empty folder."""
    command = [str(python), str(root / "tests/service/postgres.py"), *(["--fsync"] if fsync else []), str(folder)]
    with log.open("w") as errors:
        process = subprocess.Popen(
            command, env=environment({}), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True
        )
    try:
        yield Database(process, log)
    finally:
        assert process.stdin
        process.stdin.close()
        process.wait(timeout=60)


def interpreter(root: Path) -> Path:
    """Bring the service's own environment up to date, and return its interpreter.

    It is then run directly: a signal and a figure from /proc are the worker's, not uv's.
    """
    uv = shutil.which("uv") or str(root / ".uv/bin/uv")
    project = root / "services/biometric"
    done = subprocess.run(
        [uv, "sync", "--frozen", "--quiet", "--project", str(project)],
        env={key: value for key, value in os.environ.items() if key != "VIRTUAL_ENV"},
        check=False,
    )
    if done.returncode:
        raise BenchError("the service's environment could not be made; what uv said is above")
    return project / ".venv/bin/python"


def environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Return what a process of the benchmark gets: nothing that happens to be set here."""
    return {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **variables}


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def free_port() -> int:
    """Return a loopback port that nothing uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def tail(log: Path, lines: int = 10) -> str:
    """Return the end of a log."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


def memory(process: int) -> Memory:
    """Return what a process holds now."""
    found: dict[str, float] = {}
    for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:]:
        name, kibibytes, *_ = line.split()
        found[name] = int(kibibytes) / 1024
    return Memory(found["Rss:"], found["Pss:"])


def processor_seconds(process: int) -> float:
    """Return the processor time that a process has taken."""
    # The second field is the program's name, in brackets, with anything in it; user and system are the 14th and 15th.
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
