"""Takes money: it is paid if the bank's token is known."""

import argparse
import json
import os
import signal
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

parser = argparse.ArgumentParser()
parser.add_argument("--currency", default="EUR")
currency = parser.parse_args().currency


class Handler(BaseHTTPRequestHandler):
    """Answers `/payments`, and `/healthz` and `/readyz` to whom it may concern."""

    protocol_version = "HTTP/1.1"
    timeout = 75  # longer than the load balancer keeps its connections

    def do_GET(self):
        """Say that it is there."""
        self.answer(200 if self.path in ("/healthz", "/readyz", "/payments") else 404, {"currency": currency})

    def do_POST(self):
        """Take the money."""
        self.rfile.read(int(self.headers.get("content-length") or 0))
        self.answer(200, {"paid": bool(os.environ.get("BANK_TOKEN")), "currency": currency})

    def answer(self, status, value):
        """Send JSON."""
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


server = ThreadingHTTPServer(("", int(os.environ.get("PORT", "8080"))), Handler)
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
server.serve_forever()
