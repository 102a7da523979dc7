"""Container health check without curl: ``python -m biometric.health`` exits 0 while the service is alive, else 1."""

from __future__ import annotations

import http.client
import os
import sys

TIMEOUT_SECONDS = 3


def main() -> None:
    """Ask the service in this container whether it is alive; end with 1 if it is not."""
    port, host = os.environ.get("PORT", "8080"), os.environ.get("LISTEN_HOST", "0.0.0.0")
    try:
        address = "127.0.0.1" if host == "0.0.0.0" else host
        connection = http.client.HTTPConnection(f"{address}:{port}", timeout=TIMEOUT_SECONDS)
        connection.request("GET", "/healthz")
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        sys.exit(f"biometric: no answer from port {port}: {error}")
    if status != 200:
        sys.exit(f"biometric: /healthz answered {status}")


if __name__ == "__main__":
    main()
