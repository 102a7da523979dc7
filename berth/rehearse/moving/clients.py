"""Clients that ask a service all the time: a program of its own, so that nobody's work but theirs is in their times.

    python clients.py

reads one line of JSON from standard input: how many clients there are, and what they ask in turn. Writes a line for
each request, a JSON list of the fields of ``load.Answer``. When standard input ends, each client ends with the request
it is about, and then reads back every record that was accepted from it.

A request is sent once. A connection that is lost is made again for the next one.
"""

from __future__ import annotations

import http.client
import itertools
import json
import os
import random
import sys
import threading
import time
from typing import Any
from urllib.parse import urlsplit

ANSWER_SECONDS = 40.0
"""A request that takes longer has failed; an API Gateway gives up after 30."""
PAUSE_SECONDS = 0.05
"""After a failure: nobody asks thousands of times a second what has just failed."""
TEXT = 300
"""Characters of an answer that a failure shows."""
READS = 4
"""How often a record is read as soon as it is accepted, each time by whichever mooring answers."""
JSON = {"Content-Type": "application/json"}

Connections = dict[str, http.client.HTTPConnection]


class Failure(Exception):
    """A request was not answered as it has to be."""


class Client:
    """One client, with a connection of its own to each address."""

    def __init__(
        self, asks: list[dict[str, Any]], users: itertools.count[int], header: str, stop: threading.Event
    ) -> None:
        self._asks, self._users, self._header, self._stop = asks, users, header, stop
        self._connections: Connections = {}
        self._accepted: list[tuple[dict[str, Any], dict[str, Any]]] = []

    def run(self) -> None:
        """Ask until it is time to stop, then read the records back."""
        for ask in itertools.cycle(self._asks):
            if self._stop.is_set():
                break
            if record := ask.get("record"):
                # A user of its own: the latest record of that user is this one.
                self._post_and_read(ask, {**record, "userId": next(self._users)})
            else:
                self._noted("read", ask, "GET", ask["path"], ask["statuses"])
        for ask, record in self._accepted:
            self._read(ask, record, "back")

    def _post_and_read(self, ask: dict[str, Any], record: dict[str, Any]) -> None:
        if self._noted("record", ask, "POST", ask["post"], [201], json.dumps(record).encode()):
            self._accepted.append((ask, record))
            for _ in range(READS):
                if not self._stop.is_set():
                    self._read(ask, record, "read")

    def _read(self, ask: dict[str, Any], record: dict[str, Any], kind: str) -> None:
        self._noted(kind, ask, "GET", f"{ask['latest']}{record['userId']}", [200], expected=record)

    def _noted(
        self,
        kind: str,
        ask: dict[str, Any],
        method: str,
        path: str,
        statuses: list[int],
        body: bytes | None = None,
        expected: dict[str, Any] | None = None,
    ) -> bool:
        """Send one request, write what came of it, and return whether it was fulfilled."""
        sent = time.monotonic()
        who, problem = None, None
        try:
            status, who, text = self._request(ask, method, path, body)
            if status not in statuses:
                problem = f"{method} {path} answered {status}: {text[:TEXT].decode(errors='replace')}"
            elif expected is not None and json.loads(text) != expected:
                problem = f"{method} {path} answered with another record: {text[:TEXT].decode(errors='replace')}"
        except (OSError, ValueError, http.client.HTTPException) as error:
            problem = f"{method} {path}: {type(error).__name__}: {error}"
            self._connections.pop(ask["url"]).close()
        line = json.dumps([sent, time.monotonic(), kind, who, problem])
        # In one piece: lines of several threads must not mix, and a pipe takes 4096 bytes at once.
        os.write(1, line.encode() + b"\n")
        if problem and kind != "back":
            self._stop.wait(PAUSE_SECONDS)
        return problem is None

    def _request(
        self, ask: dict[str, Any], method: str, path: str, body: bytes | None
    ) -> tuple[int, str | None, bytes]:
        address = ask["url"]
        if address not in self._connections:
            parts = urlsplit(address)
            self._connections[address] = http.client.HTTPConnection(
                str(parts.hostname), parts.port, timeout=ANSWER_SECONDS
            )
        connection = self._connections[address]
        headers = dict(JSON) if body else {}
        if ask["host"]:
            headers["Host"] = ask["host"]
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.getheader(self._header), answer.read()


def main() -> None:
    """Run the clients until standard input ends."""
    given = json.loads(sys.stdin.readline())
    stop = threading.Event()
    users = itertools.count(random.randrange(1, 2**30))
    clients = [Client(given["asks"], users, given["header"], stop) for _ in range(given["clients"])]
    threads = [threading.Thread(target=client.run) for client in clients]
    for thread in threads:
        thread.start()
    sys.stdin.read()
    stop.set()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
