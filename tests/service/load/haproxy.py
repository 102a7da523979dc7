"""A real load balancer in front of the replicas: haproxy, on a free loopback port."""

from __future__ import annotations

import asyncio
import csv
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from processes import free_port

CHANGE_SECONDS = 30.0
"""Longest wait until a replica's state is seen, on a busy machine."""

# A request goes elsewhere only while it certainly has reached nobody: when no connection could be made. The service is
# asked whether it is ready; if no replica is, because the database is away, each that is alive gets requests all the
# same, as from AWS's load balancers ("fail open").
CONFIG = """
global
    log stdout format raw local0
    stats socket {socket} mode 600
    nbthread 1
defaults
    mode http
    log global
    option httplog
    option dontlog-normal
    timeout connect 1s
    timeout client 60s
    timeout server 60s
    timeout check 2s
    retries 3
    retry-on conn-failure
    option redispatch 1
    balance roundrobin
    default-server check inter 200ms fall 2 rise 1
frontend clients
    bind 127.0.0.1:{port}
    use_backend alive if {{ nbsrv(ready) eq 0 }}
    default_backend ready
backend ready
    option httpchk
    http-check send meth GET uri /readyz
{servers}
backend alive
    option httpchk
    http-check send meth GET uri /healthz
{servers}
"""


@dataclass(frozen=True)
class Proxy:
    """A running haproxy."""

    port: int
    control: Path
    """Socket that answers questions about its state."""
    log: Path
    """Only what went wrong."""

    async def wait_for(self, replica: str, *, ready: bool) -> None:
        """Wait until it takes a replica for ready, or for not ready."""
        async with asyncio.timeout(CHANGE_SECONDS):
            while self.is_ready(replica) is not ready:
                await asyncio.sleep(0.02)

    def is_ready(self, replica: str) -> bool:
        """Tell whether a replica gets requests."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(self.control))
            connection.sendall(b"show stat\n")
            answer = b""
            while chunk := connection.recv(65536):
                answer += chunk
        rows = csv.DictReader(answer.decode().removeprefix("# ").splitlines())
        states = {row["svname"]: row["status"] for row in rows if row["pxname"] == "ready"}
        # "UP 1/2" is on the way down, "DOWN 1/2" on the way up.
        return states[replica].startswith("UP")


def find_program() -> str | None:
    """Return haproxy's path, or None; Debian keeps it where only root looks."""
    return shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin:/usr/local/sbin")


@contextmanager
def running(program: str, folder: Path, replicas: Mapping[str, int]) -> Iterator[Proxy]:
    """Start haproxy, and end it at the end.

    Args:
        program: Its path.
        folder: Where its files go.
        replicas: Names and loopback ports; a replica need not be there yet.
    """
    proxy = Proxy(free_port(), folder / "haproxy.sock", folder / "haproxy.log")
    servers = "\n".join(f"    server {name} 127.0.0.1:{port}" for name, port in replicas.items())
    config = folder / "haproxy.cfg"
    config.write_text(CONFIG.format(socket=proxy.control, port=proxy.port, servers=servers))
    with proxy.log.open("wb") as log:
        process = subprocess.Popen([program, "-db", "-f", str(config)], stdout=log, stderr=log)
    try:
        while not proxy.control.exists():
            assert process.poll() is None, proxy.log.read_text()
        yield proxy
    finally:
        process.kill()
        process.wait()
