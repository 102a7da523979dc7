"""An agent beside a service: answers who asks from the same network that it is there, and whether it has its key."""

import json
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    """Answers everything."""

    def do_GET(self):
        """Say that it is there."""
        body = json.dumps({"agent": True, "key": bool(os.environ.get("AGENT_KEY"))}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


signal.signal(signal.SIGTERM, lambda *_: sys.exit())
ThreadingHTTPServer(("127.0.0.1", 9000), Handler).serve_forever()
