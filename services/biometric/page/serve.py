"""Serve the page on this machine: ``python serve.py --api http://127.0.0.1:8080``.

For development: it listens on 127.0.0.1 only, and shows which headers a real host should send.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

HOST: Final = "127.0.0.1"
FOLDER: Final = Path(__file__).resolve().parent
TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
"""What belongs to the page; any other file of the folder is not there for a browser, this one included."""


POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self' {api}; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
"""The only other origin that the page may talk to is the API's."""
HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
"""Of every answer, beside the policy."""


def file_of(path: str) -> Path | None:
    """Return the page's file at a URL's path, which is percent-encoded; None where there is none."""
    name = unquote(path).removeprefix("/") or "index.html"
    if "\0" in name or "\\" in name or name.endswith("/"):
        return None
    # Resolved, so that neither ".." nor a symbolic link leads out of the folder.
    file = (FOLDER / name).resolve()
    return file if file.is_relative_to(FOLDER) and file.suffix in TYPES and file.is_file() else None


class Handler(BaseHTTPRequestHandler):
    """Answers one connection."""

    config: bytes
    """What the page is told."""
    policy: str
    server_version = "page"
    sys_version = ""
    protocol_version = "HTTP/1.1"
    timeout = 60

    def do_GET(self) -> None:
        """Answer a file of the page, or its config."""
        path = urlsplit(self.path).path
        if path == "/config.json":
            self._answer(HTTPStatus.OK, "application/json", self.config)
        elif file := file_of(path):
            self._answer(HTTPStatus.OK, TYPES[file.suffix], file.read_bytes())
        else:
            self._answer(HTTPStatus.NOT_FOUND, "text/plain; charset=utf-8", b"There is no such file.\n")

    def do_HEAD(self) -> None:
        """Answer the same without its content."""
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the service beside it has a log worth reading."""

    def _answer(self, status: HTTPStatus, content_type: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def end_headers(self) -> None:
        """Put the security headers on every answer, the base class's own errors included."""
        for name, value in {"Content-Security-Policy": self.policy, **HEADERS}.items():
            self.send_header(name, value)
        super().end_headers()


def address(text: str) -> str:
    """Read the API's address.

    Raises:
        argparse.ArgumentTypeError: It is none that a browser could use, or would break out of the policy's line.
    """
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or any(sign in parts.netloc for sign in "@;, '\""):
        raise argparse.ArgumentTypeError(f"{text!r} is no address of an API; one is http://127.0.0.1:8080")
    return text.rstrip("/")


def main() -> int:
    """Serve until SIGINT or SIGTERM; return the exit status."""
    parser = argparse.ArgumentParser(description="Serve the page on this machine.")
    given = os.environ.get
    parser.add_argument("--api", type=address, default=given("API_URL", "http://127.0.0.1:8080"), help="or API_URL")
    asks = "what the API asks for, none or bearer; or API_AUTHORIZATION"
    parser.add_argument("--authorization", default=given("API_AUTHORIZATION", "none"), help=asks)
    parser.add_argument("--port", type=int, default=given("PAGE_PORT", "8081"), help="0: any; or PAGE_PORT")
    options = parser.parse_args()
    if options.authorization not in ("none", "bearer"):  # argparse would not look at a default
        parser.error(f"authorization: {options.authorization!r} is neither none nor bearer")
    Handler.config = json.dumps({"api": options.api, "authorization": options.authorization}).encode()
    parts = urlsplit(options.api)
    Handler.policy = POLICY.format(api=f"{parts.scheme}://{parts.netloc}")
    try:
        server = ThreadingHTTPServer((HOST, options.port), Handler)
    except OSError as error:
        print(f"serve.py: port {options.port} of {HOST} cannot be used: {error.strerror}", file=sys.stderr)
        return 1
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    print(f"The page is at http://{HOST}:{server.server_port}/", flush=True)
    with server, suppress(KeyboardInterrupt):
        server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
