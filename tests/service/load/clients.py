"""Clients that never give up: each sends one record after the other, again and again until it is accepted."""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count, pairwise
from typing import Any
from uuid import uuid4

USERS = 50
"""Users of each client; nobody else sends records of theirs, so that it knows which is the latest."""
READ_EVERY = 4
"""Records between two looks at the latest one."""
ATTEMPT_SECONDS = 40.0
"""A request that takes longer has failed; the service and the proxy give up earlier."""
PAUSE_SECONDS = 0.05
"""Between two attempts at the same request."""
SETTLE_SECONDS = 45.0
"""Longest wait for all clients to be answered."""


class Connection:
    """A keep-alive connection, made again when it is lost."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def request(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        """Send one request, once; return status, headers with small letters, and body.

        Raises:
            OSError, EOFError: The connection broke; whether the request was fulfilled is not known.
            TimeoutError: There was no answer in time.
        """
        try:
            async with asyncio.timeout(ATTEMPT_SECONDS):
                if self._streams is None:
                    self._streams = await asyncio.open_connection("127.0.0.1", self._port)
                reader, writer = self._streams
                lines = [f"{method} {path} HTTP/1.1", "host: records", f"content-length: {len(body)}"]
                lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
                writer.write("\r\n".join([*lines, "", ""]).encode() + body)
                first, *rest = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()
                found = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
                content = await _body(reader, found)
        except (OSError, EOFError, TimeoutError):
            await self.close()
            raise
        if found.get("connection") == "close":
            await self.close()
        return int(first.split()[1]), found, content

    async def close(self) -> None:
        """Close it."""
        if self._streams is not None:
            writer = self._streams[1]
            self._streams = None
            writer.close()
            with suppress(OSError):  # it may be closed already, by the other side
                await writer.wait_closed()


async def _body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
    """Read a body, of a length that is told before or in chunks."""
    if headers.get("transfer-encoding") != "chunked":
        return await reader.readexactly(int(headers.get("content-length", 0)))
    content = b""
    while size := int(await reader.readuntil(b"\r\n"), 16):
        content += (await reader.readexactly(size + 2))[:-2]
    await reader.readuntil(b"\r\n")
    return content


@dataclass
class Phase:
    """What all clients together saw between two events."""

    name: str
    begun: float = field(default_factory=time.monotonic)
    ended: float = 0.0
    answered: int = 0
    """Requests that were fulfilled, reads included."""
    replayed: int = 0
    """Records that were accepted by an attempt before, whose answer had not arrived."""
    waits: list[float] = field(default_factory=list)
    """Seconds from the first attempt to send a record until it was accepted."""
    moments: list[float] = field(default_factory=list)
    """When records were accepted."""
    failures: list[str] = field(default_factory=list)
    """Attempts that failed, and how."""

    @property
    def pause(self) -> float:
        """The longest time, in seconds, in which no record was accepted."""
        return max((after - before for before, after in pairwise([self.begun, *self.moments, self.ended])), default=0.0)

    def figures(self) -> str:
        """Return one line of a table."""
        seconds = self.ended - self.begun
        cuts = statistics.quantiles(self.waits, n=100)
        return (
            f"{self.name:<26}{seconds:>6.1f} s{len(self.waits):>9,}{self.answered / seconds:>9,.0f}/s"
            f"{len(self.failures):>8}{self.replayed:>10}{cuts[49] * 1e3:>8.0f}{cuts[98] * 1e3:>8.0f} ms"
            f"{max(self.waits):>9.2f} s{self.pause:>8.2f} s"
        )


HEADING = (
    f"{'':<26}{'time':>8}{'accepted':>9}{'requests':>11}{'failed':>8}{'replayed':>10}{'p50':>8}{'p99':>8}   "
    f"{'longest':>9}  {'pause':>8}"
)


class Load:
    """All clients, and what they see."""

    def __init__(self, port: int, clients: int, document: Mapping[str, Any]) -> None:
        """Begin without a request.

        Args:
            port: Loopback port that the requests go to.
            clients: Requests at once at most.
            document: A valid record; user, times and ``recvSeq`` are replaced.
        """
        self._port, self._document = port, document
        self._markers = count(1)
        self._answers = [0] * clients
        self._stopped = False
        self.phases: list[Phase] = []
        self.accepted: list[int] = []
        """The ``recvSeq`` of each record that was answered with 201; no two records have the same."""
        self.stale: list[str] = []
        """Reads that did not return the record that had just been accepted."""

    def start(self, group: asyncio.TaskGroup) -> None:
        """Let the clients begin."""
        for number in range(len(self._answers)):
            group.create_task(self._client(number))

    def enter(self, phase: str) -> None:
        """Count what happens from now on as another phase."""
        now = time.monotonic()
        if self.phases:
            self.phases[-1].ended = now
        self.phases.append(Phase(phase, now))

    async def settle(self, requests: int) -> None:
        """Wait until each client has sent so many requests from now on, and been answered."""
        # One more: the first may be under way already.
        goals = [answers + requests + 1 for answers in self._answers]
        async with asyncio.timeout(SETTLE_SECONDS):
            while any(answers < goal for answers, goal in zip(self._answers, goals, strict=True)):
                await asyncio.sleep(0.01)

    def stop(self) -> None:
        """Let each client end with the record it is about."""
        self.phases[-1].ended = time.monotonic()
        self._stopped = True

    async def _client(self, number: int) -> None:
        connection = Connection(self._port)
        try:
            for record in self._records(number):
                user, marker = record["userId"], record["recvSeq"]
                begun = time.monotonic()
                headers = {"content-type": "application/json", "idempotency-key": str(uuid4())}
                body = json.dumps(record).encode()
                await self._insist(connection, number, 201, "POST", "/rest/records", body, headers)
                self.accepted.append(marker)
                now = time.monotonic()
                self.phases[-1].waits.append(now - begun)
                self.phases[-1].moments.append(now)
                if marker % READ_EVERY == 0:
                    path = f"/rest/read/json/latest/{user}"
                    latest = json.loads(await self._insist(connection, number, 200, "GET", path))
                    if latest["recvSeq"] != marker:
                        self.stale.append(f"{self.phases[-1].name}: {latest['recvSeq']} instead of {marker}")
        finally:
            await connection.close()

    def _records(self, number: int) -> Iterator[dict[str, Any]]:
        """Yield records until it is time to stop, each of a user the one that stopped last."""
        for turn in count():
            if self._stopped:
                return
            stop = int(self._document["tsStop"]) + turn
            user = 1 + number * USERS + turn % USERS
            yield {**self._document, "userId": user, "tsStop": stop, "recvSeq": next(self._markers)}

    async def _insist(
        self,
        connection: Connection,
        client: int,
        expected: int,
        method: str,
        path: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        """Send a request, the same with the same key, until it is fulfilled; return the answer's body."""
        while True:
            begun = time.monotonic()
            try:
                status, found, content = await connection.request(method, path, body, headers)
            except (OSError, EOFError, TimeoutError) as error:
                said = f"{type(error).__name__}: {error}"
            else:
                if status == expected:
                    self.phases[-1].answered += 1
                    self.phases[-1].replayed += "idempotent-replayed" in found
                    self._answers[client] += 1
                    return content
                said = f"{status} {content[:300].decode()}"
                assert status >= 500, f"{method} was refused for good: {said}"
            now = time.monotonic()
            self.phases[-1].failures.append(
                f"{now - self.phases[-1].begun:.2f} s: {method}, after {now - begun:.2f} s: {said}"
            )
            await asyncio.sleep(PAUSE_SECONDS)
