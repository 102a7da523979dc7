"""The kiosk's page: shows the orders and takes new ones, both by asking the service `orders`."""

import json
import os
import signal
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ORDERS = os.environ.get("ORDERS_URL", "")


def ask(data=None):
    """Return what the orders' service answers to a question, or to a new order."""
    request = urllib.request.Request(ORDERS, data, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


class Handler(BaseHTTPRequestHandler):
    """Answers `/`, and `/alive` to whom it may concern."""

    protocol_version = "HTTP/1.1"
    timeout = 75  # longer than the load balancer keeps its connections

    def do_GET(self):
        """Show the orders."""
        if self.path == "/alive":
            self.answer(200, {"alive": True})
        elif self.path == "/":
            self.answer(200, {"orders": ask()})
        else:
            self.answer(404, {"error": "not found"})

    def do_POST(self):
        """Take an order."""
        order = self.rfile.read(int(self.headers.get("content-length") or 0))
        self.answer(201, ask(order))

    def answer(self, status, value):
        """Send JSON."""
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


server = ThreadingHTTPServer(("", int(os.environ.get("PORT", "80"))), Handler)
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
server.serve_forever()
