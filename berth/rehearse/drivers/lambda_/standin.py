"""Stands in for what calls a function and what it calls: the load balancer, Systems Manager and Secrets Manager.

Run by itself, so that it outlives a rehearsal that leaves all up: ``python -m …standin /NAME``, its settings as JSON on
standard input. Each instance answers one request at a time, as on Lambda; the emulator breaks otherwise.
"""

from __future__ import annotations

import base64
import http.client
import json
import queue
import sys
import threading
from collections.abc import Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import urlsplit

MOST_BYTES: Final = 1024 * 1024
"""Of a request's body, and of the function's answer as JSON (Elastic Load Balancing user guide, "Lambda functions as
targets", limits)."""
HOP: Final = frozenset({"connection", "keep-alive", "transfer-encoding", "upgrade", "content-length"})
INVOKE: Final = "/2015-03-31/functions/function/invocations"


def event(method: str, target: str, headers: Sequence[tuple[str, str]], body: bytes) -> dict[str, Any]:
    """Return the event that a load balancer makes of a request, with lists of values.

    Of query parameters it decodes nothing, so that what arrives is what was sent.
    """
    parts = urlsplit(target)
    several: dict[str, list[str]] = {}
    for name, value in headers:
        several.setdefault(name.lower(), []).append(value)
    query: dict[str, list[str]] = {}
    for part in filter(None, parts.query.split("&")):
        name, _, value = part.partition("=")
        query.setdefault(name, []).append(value)
    try:
        text, encoded = body.decode(), False
    except UnicodeDecodeError:
        text, encoded = base64.b64encode(body).decode(), True
    return {
        "requestContext": {"elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:rehearsal"}},
        "httpMethod": method,
        "path": parts.path,
        "multiValueQueryStringParameters": query,
        "multiValueHeaders": several,
        "body": text,
        "isBase64Encoded": encoded,
    }


def answer(said: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
    """Return status, headers and body of what a function said; 502 where a load balancer would not take it."""
    try:
        found = json.loads(said)
        status = int(found["statusCode"])
    except (ValueError, KeyError, TypeError):
        return 502, [], b"the function gave no answer that a load balancer takes: " + said[:500]
    if len(said) > MOST_BYTES:
        return 502, [], b"the function's answer has more than 1 MB"
    headers = [
        (name, str(value)) for name, values in (found.get("multiValueHeaders") or {}).items() for value in values
    ]
    body = found.get("body") or ""
    return status, headers, base64.b64decode(body) if found.get("isBase64Encoded") else body.encode()


class _Balancer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], instances: Sequence[int], timeout: float) -> None:
        self.free: queue.Queue[int] = queue.Queue()
        for port in instances:
            self.free.put(port)
        self.seconds = timeout
        super().__init__(address, _Request)

    def invoke(self, payload: bytes) -> bytes:
        """Have a free instance answer, waiting for one."""
        port = self.free.get()
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=self.seconds)
            connection.request("POST", INVOKE, payload)
            return connection.getresponse().read()
        finally:
            self.free.put(port)


class _Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body at once: in two pieces the second waits 40 ms for the receipt of the first
    server: _Balancer

    def _handle(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if length > MOST_BYTES:
            self._send(413, [], b"a load balancer hands no more than 1 MB to a function")
            return
        payload = json.dumps(event(self.command, self.path, self.headers.items(), body)).encode()
        try:
            said = answer(self.server.invoke(payload))
        except (OSError, http.client.HTTPException) as error:
            said = 502, [], f"the function did not answer: {error}".encode()
        self._send(*said)

    def _send(self, status: int, headers: Sequence[tuple[str, str]], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = _handle

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


class _Secrets(BaseHTTPRequestHandler):
    """The two calls by which a function's secrets are read; what nobody planned is not there."""

    values: Mapping[str, str] = {}

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        signed = self.headers.get("Authorization", "").startswith("AWS4-HMAC-SHA256 ")
        found: dict[str, Any]
        if self.headers["X-Amz-Target"] == "AmazonSSM.GetParameters":
            named = {name: self.values.get(f"ssm:{name}") for name in asked["Names"]}
            found = {
                "Parameters": [{"Name": name, "Value": value} for name, value in named.items() if value is not None],
                "InvalidParameters": [name for name, value in named.items() if value is None],
            }
        else:
            prefix = f"secretsmanager:{asked['SecretId']}"
            own = {key: value for key, value in self.values.items() if key.startswith(f"{prefix}#")}
            fields = {key.partition("#")[2]: value for key, value in own.items()}
            found = {"SecretString": json.dumps(fields) if fields else self.values.get(prefix)}
        body = json.dumps(found).encode()
        self.send_response_only(200 if signed else 403)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def main() -> None:
    """Serve until the end."""
    settings = json.load(sys.stdin)
    _Secrets.values = settings["secrets"]
    secrets = ThreadingHTTPServer(("127.0.0.1", settings["secrets_port"]), _Secrets)
    threading.Thread(target=secrets.serve_forever, daemon=True).start()
    balancer = _Balancer(("127.0.0.1", settings["port"]), settings["instances"], settings["timeout"])
    print("ready", flush=True)
    balancer.serve_forever()


if __name__ == "__main__":
    main()
