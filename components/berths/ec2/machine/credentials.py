"""Hands a role's credentials to the containers of a machine, as ECS's agent does: AWS's SDKs know the address.

The machine's own role is out of their reach: they are two hops away from its metadata service. Arguments: the role's
ARN, the region, and for tests another address and port. Python 3.9 is what Amazon Linux 2023 has.
"""

import json
import platform
import subprocess
import sys
import threading
import time
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

EARLY = 20 * 60
"""Seconds before the end at which there are new ones: SDKs ask 15 minutes before (botocore: credentials.py)."""


class Role:
    """A role, and its credentials while they last: an hour, since it is assumed by another role."""

    def __init__(self, arn: str, region: str) -> None:
        self._session = ["--role-arn", arn, "--role-session-name", platform.node().split(".")[0]]
        self._region, self._arn = region, arn
        self._lock, self._answer, self._until = threading.Lock(), b"", 0.0

    def credentials(self) -> bytes:
        """Return the answer that SDKs read."""
        with self._lock:
            if time.time() > self._until - EARLY:
                command = ["aws", "--region", self._region, "--output", "json", "sts", "assume-role", *self._session]
                found = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)["Credentials"]
                end = datetime.fromisoformat(found["Expiration"].replace("Z", "+00:00"))
                answer = {
                    "RoleArn": self._arn,
                    "AccessKeyId": found["AccessKeyId"],
                    "SecretAccessKey": found["SecretAccessKey"],
                    "Token": found["SessionToken"],
                    "Expiration": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(end.timestamp())),
                }
                self._answer, self._until = json.dumps(answer).encode(), end.timestamp()
            return self._answer


class Handler(BaseHTTPRequestHandler):
    """Answers each request with the credentials."""

    role: Role

    def do_GET(self) -> None:
        """Answer, or say that AWS gave none: SDKs ask again."""
        try:
            status, body = 200, self.role.credentials()
        except (subprocess.CalledProcessError, ValueError, KeyError) as error:
            print(f"no credentials: {type(error).__name__}", file=sys.stderr, flush=True)
            status, body = 503, b'{"code": "Unavailable", "message": "AWS gave no credentials"}'
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep silent: each SDK asks every hour."""
        return


if __name__ == "__main__":
    arn, region, *place = sys.argv[1:]
    Handler.role = Role(arn, region)
    host, port = place or ("169.254.170.2", "80")
    ThreadingHTTPServer((host, int(port)), Handler).serve_forever()
