#!/usr/bin/python3
"""Gives the containers of this machine the credentials of the service's role, where SDKs of AWS look for them.

They cannot reach the machine's metadata, whose role reads secrets that are not theirs. The address is the one that
ECS has for the same purpose; SDKs take credentials over HTTP from few others. It is the machine's alone.
"""

from __future__ import annotations

import calendar
import json
import os
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ADDRESS = "169.254.170.2"
EARLY = 600
"""Seconds before their end at which new ones are asked for; SDKs do so 5 to 15 minutes before."""


class Credentials:
    """The role's credentials, kept until shortly before their end."""

    def __init__(self, role: str, region: str) -> None:
        self._command = ["aws", "--region", region, "--output", "json", "sts", "assume-role", "--role-arn", role]
        self._command += ["--role-session-name", os.uname().nodename[:64]]
        self._lock = threading.Lock()
        self._kept: dict[str, Any] = {}

    def current(self) -> dict[str, str]:
        """Return them in the form of the container credentials provider."""
        with self._lock:
            if not self._kept or _seconds(self._kept["Expiration"]) - EARLY < time.time():
                done = subprocess.run(self._command, stdout=subprocess.PIPE, check=True, text=True)
                self._kept = json.loads(done.stdout)["Credentials"]
            kept = self._kept
        return {
            "AccessKeyId": kept["AccessKeyId"],
            "SecretAccessKey": kept["SecretAccessKey"],
            "Token": kept["SessionToken"],
            "Expiration": kept["Expiration"],
        }


def _seconds(moment: str) -> float:
    """Return a time of AWS, which is UTC, as seconds since the epoch."""
    return calendar.timegm(time.strptime(moment[:19], "%Y-%m-%dT%H:%M:%S"))


def server(address: str, port: int, credentials: Credentials) -> ThreadingHTTPServer:
    """Return what answers ``GET /credentials``."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            try:
                found = json.dumps(credentials.current()).encode() if self.path == "/credentials" else None
            except subprocess.CalledProcessError:
                self.send_error(500, "the role could not be assumed")
                return
            if found is None:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(found)))
            self.end_headers()
            self.wfile.write(found)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing: the journal needs no line a request."""

    return ThreadingHTTPServer((address, port), Handler)


def main() -> None:
    """Take the address, and serve."""
    subprocess.run(["ip", "address", "replace", f"{ADDRESS}/32", "dev", "lo"], check=True)
    server(ADDRESS, 80, Credentials(os.environ["BERTH_ROLE"], os.environ["AWS_REGION"])).serve_forever()


if __name__ == "__main__":
    main()
