"""Under load, nothing that was accepted is lost or stored twice, whichever part of the whole fails.

Two replicas behind a load balancer, on a PostgreSQL whose commits wait for the disk, all of them real processes.
"""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import postgres
import processes
from load import clients, haproxy

CLIENTS = 24
SHUTDOWN_SECONDS = 10
"""Grace period of a replica; it drains for 2 s of it."""
DISK = "/var/tmp"
"""A folder on a disk; /tmp may be in memory, where fsync costs nothing."""
START_SECONDS = 40.0
"""Longest start of a replica beside all the load; alone it takes less than one."""
SETTLED = 25
"""Requests of each client that belong to a phase after its event is over."""

pytestmark = pytest.mark.load


@dataclass
class Replica:
    """One process of the service after the other, on one port."""

    name: str
    variables: Mapping[str, str]
    log: Path
    port: int = field(default_factory=processes.free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start a process, and do not wait for it."""
        variables = {**self.variables, "LISTEN_HOST": "127.0.0.1", "PORT": str(self.port)}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "biometric"], env=processes.environment(variables), stdout=log, stderr=log
            )

    def send(self, number: signal.Signals) -> None:
        """Send the process a signal."""
        assert self.process is not None
        self.process.send_signal(number)

    def wait(self, seconds: float) -> int:
        """Wait for the process to end; return its status."""
        assert self.process is not None
        return self.process.wait(seconds)

    def end(self) -> None:
        """End what runs."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()


@dataclass(frozen=True)
class Site:
    """Everything that a client's request may meet."""

    server: postgres.Server
    database: str
    replicas: Mapping[str, Replica]
    proxy: haproxy.Proxy

    def stored(self) -> Counter[int]:
        """Return how often each ``recvSeq`` is in the database."""
        with self.server.connect(self.database) as connection:
            rows = connection.execute("SELECT recv_seq, count(*) FROM record GROUP BY recv_seq").fetchall()
        return Counter({int(str(marker)): int(str(times)) for marker, times in rows})

    def logs(self) -> str:
        """Return the last warnings of every replica, and of the proxy."""
        found = []
        for log in (*(replica.log for replica in self.replicas.values()), self.proxy.log):
            lines = log.read_text(errors="replace").splitlines() if log.exists() else []
            found.append("\n".join([f"--- {log.name}, {len(lines)} lines", *lines[-20:]]))
        return "\n".join(found)


@contextmanager
def running(programs: Path, program: str, folder: Path) -> Iterator[Site]:
    """Start PostgreSQL, the proxy and two of three replicas; wait until both get requests.

    Args:
        programs: Folder of PostgreSQL's programs.
        program: haproxy's path.
        folder: Where logs and sockets go.
    """
    with ExitStack() as stack:
        data = stack.enter_context(tempfile.TemporaryDirectory(dir=DISK, prefix="load-"))
        server = stack.enter_context(postgres.running(programs, Path(data), fsync=True))
        with server.connect() as connection:
            connection.execute("CREATE DATABASE records")
        variables = {
            **server.environment("records"),
            "ENVIRONMENT": "development",
            "LOG_LEVEL": "warning",
            "MAX_REPLICAS": "2",
            "SHUTDOWN_SECONDS": str(SHUTDOWN_SECONDS),
        }
        migrated = processes.run("biometric.migrate", variables)
        assert migrated.returncode == 0, migrated.stderr
        replicas = {name: Replica(name, variables, folder / f"{name}.log") for name in ("first", "second", "third")}
        for replica in replicas.values():
            stack.callback(replica.end)
        ports = {name: replica.port for name, replica in replicas.items()}
        proxy = stack.enter_context(haproxy.running(program, folder, ports))
        replicas["first"].start()
        replicas["second"].start()
        site = Site(server, "records", replicas, proxy)
        asyncio.run(_opened(site))
        yield site


async def _opened(site: Site) -> None:
    """Wait until the proxy, which takes everything for ready until it has asked, knows better."""
    await site.proxy.wait_for("third", ready=False)
    for name in ("first", "second"):
        await site.proxy.wait_for(name, ready=True)
        await asyncio.to_thread(_wait_until_ready, site.replicas[name])


def _wait_until_ready(replica: Replica) -> None:
    assert replica.process is not None
    service = processes.Service(replica.process, replica.port, replica.log)
    deadline = time.monotonic() + START_SECONDS
    while True:
        assert time.monotonic() < deadline and replica.process.poll() is None, replica.log.read_text()
        try:
            if service.request("GET", "/readyz")[0] == 200:
                return
        except OSError:
            pass
        time.sleep(0.02)


async def _story(site: Site, load: clients.Load) -> None:
    """Let one part after the other fail under load."""
    first, second, third = site.replicas.values()
    async with asyncio.TaskGroup() as group:
        load.enter("nothing fails")
        load.start(group)
        await load.settle(SETTLED)

        load.enter("a replica is killed")
        second.send(signal.SIGKILL)
        await asyncio.to_thread(second.wait, SHUTDOWN_SECONDS)
        second.start()
        await asyncio.to_thread(_wait_until_ready, second)
        await site.proxy.wait_for("second", ready=True)
        await load.settle(SETTLED)

        load.enter("a replica is rolled")
        third.start()
        await asyncio.to_thread(_wait_until_ready, third)
        await site.proxy.wait_for("third", ready=True)
        first.send(signal.SIGTERM)
        status = await asyncio.to_thread(first.wait, SHUTDOWN_SECONDS)
        # Done with its work, uvicorn ends as the signal it was sent would have ended it.
        assert status in (0, -signal.SIGTERM), first.log.read_text()
        await load.settle(SETTLED)

        load.enter("PostgreSQL is restarted")
        await asyncio.to_thread(site.server.control, "restart")
        await _both(site, ready=True)
        await load.settle(SETTLED)

        load.enter("PostgreSQL is away")
        await asyncio.to_thread(site.server.control, "stop")
        await _both(site, ready=False)
        await asyncio.to_thread(site.server.control, "start")
        await _both(site, ready=True)
        await load.settle(SETTLED)
        load.stop()


async def _both(site: Site, *, ready: bool) -> None:
    for name in ("second", "third"):
        await site.proxy.wait_for(name, ready=ready)


def test_what_was_accepted_is_stored_once_whatever_fails(
    tmp_path: Path, sample: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    program, programs = haproxy.find_program(), postgres.find_programs()
    if program is None:
        pytest.skip("no haproxy here: install the package 'haproxy'")
    if programs is None:
        pytest.skip("no PostgreSQL server here: install the package 'postgresql'")
    with running(programs, program, tmp_path) as site:
        load = clients.Load(site.proxy.port, CLIENTS, json.loads(sample))
        try:
            asyncio.run(_story(site, load))
        finally:
            with capsys.disabled():
                print(f"\n{CLIENTS} clients; each record with an Idempotency-Key\n{clients.HEADING}")
                for phase in load.phases:
                    print(phase.figures() if phase.ended else f"{phase.name}: did not end, {phase.failures[-3:]}")
        stored = site.stored()
        logs = site.logs()

    problems = list(_problems(load, stored))
    assert not problems, "\n".join([*problems, logs])


def _problems(load: clients.Load, stored: Counter[int]) -> Iterator[str]:
    """Yield everything that should not have happened."""
    accepted = set(load.accepted)
    lost = sorted(accepted - stored.keys())
    twice = sorted(marker for marker, times in stored.items() if times > 1)
    strange = sorted(stored.keys() - accepted)
    for what, markers in (("lost", lost), ("stored twice", twice), ("stored but never accepted", strange)):
        if markers:
            yield f"{len(markers)} of {len(accepted)} records {what}, such as recvSeq {markers[:5]}"
    if load.stale:
        yield f"{len(load.stale)} reads did not return the record just accepted, such as {load.stale[:3]}"
    for phase in load.phases:
        # What was under way on the killed replica is answered by nobody; everything else has to be.
        allowed = CLIENTS if phase.name == "a replica is killed" else 0
        if len(phase.failures) > allowed:
            yield f"{phase.name}: {len(phase.failures)} attempts failed, {allowed} may:"
            yield from (f"    {failure}" for failure in phase.failures[:10])
