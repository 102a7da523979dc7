"""A queue that speaks as much of SQS's JSON protocol as the packer asks for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any


class Queue:
    """Messages: waiting, handed out, deleted. What was handed out and not deleted would come back in time."""

    def __init__(self, messages: int) -> None:
        """Fill it."""
        self.waiting = list(range(messages))
        self.handed_out: set[int] = set()
        self.deleted: list[int] = []
        self._lock = Lock()
        self.port = 0

    def answer(self, action: str, asked: dict[str, Any]) -> dict[str, Any]:
        """Answer one request."""
        with self._lock:
            if action == "DeleteMessage":
                number = int(asked["ReceiptHandle"])
                self.handed_out.remove(number)
                self.deleted.append(number)
                return {}
            assert action == "ReceiveMessage", action
            if not self.waiting:
                return {}
            number = self.waiting.pop(0)
            self.handed_out.add(number)
            return {"Messages": [{"Body": json.dumps({"order": number}), "ReceiptHandle": str(number)}]}


@contextmanager
def served(messages: int) -> Iterator[Queue]:
    """Serve a queue on this machine's loopback."""
    queue = Queue(messages)

    class Handler(BaseHTTPRequestHandler):
        """Answers for the queue."""

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
            body = json.dumps(queue.answer(self.headers["x-amz-target"].rpartition(".")[2], asked)).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Keep the test's output short."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        queue.port = server.server_address[1]
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield queue
        finally:
            server.shutdown()
