"""Container health check without curl: ``python -m biometric.health`` exits 0 while the service is alive, else 1."""

from __future__ import annotations

import http.client
import os
import sys

TIMEOUT_SECONDS = 3
EVERYWHERE = "0.0.0.0"


def main() -> int:
    """Ask the service in this container whether it is alive; return the exit status."""
    port, host = os.environ.get("PORT", "8080"), os.environ.get("LISTEN_HOST", EVERYWHERE)
    try:
        address = "127.0.0.1" if host == EVERYWHERE else host
        connection = http.client.HTTPConnection(f"{address}:{port}", timeout=TIMEOUT_SECONDS)
        connection.request("GET", "/healthz")
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        print(f"biometric: no answer from port {port}: {error}", file=sys.stderr)
        return 1
    if status != 200:
        print(f"biometric: /healthz answered {status}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
