"""A service of one file, and one package to install."""

import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

import idna  # noqa: F401


class Handler(BaseHTTPRequestHandler):
    """Answers the health check."""

    def do_GET(self) -> None:
        """Answer with 200 or 404."""
        self.send_response(200 if self.path == "/healthz" else 404)
        self.end_headers()


signal.signal(signal.SIGTERM, lambda *_: sys.exit())
HTTPServer(("", int(os.environ["PORT"])), Handler).serve_forever()
