"""Keeps orders, for as long as it lives, once `payments` has taken the money."""

import json
import os
import signal
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PAYMENTS = os.environ.get("PAYMENTS_URL", "")
orders = []


def paid(order):
    """Return whether the money for an order is there."""
    request = urllib.request.Request(PAYMENTS, json.dumps(order).encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)["paid"]


class Handler(BaseHTTPRequestHandler):
    """Answers `/orders`, and `/healthz` and `/readyz` to whom it may concern."""

    protocol_version = "HTTP/1.1"
    timeout = 75  # longer than the load balancer keeps its connections

    def do_GET(self):
        """Return the orders."""
        if self.path in ("/healthz", "/readyz"):
            self.answer(200, {"alive": True})
        elif self.path == "/orders":
            self.answer(200, orders)
        else:
            self.answer(404, {"error": "not found"})

    def do_POST(self):
        """Take an order."""
        order = json.loads(self.rfile.read(int(self.headers.get("content-length") or 0)))
        order["paid"] = paid(order)
        orders.append(order)
        self.answer(201, order)

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
