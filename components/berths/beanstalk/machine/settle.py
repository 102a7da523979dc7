#!/usr/bin/python3
"""Elastic Beanstalk runs this on a machine after the containers of a version were started, and heeds how it ends.

The platform itself asks no container whether it is well. A version whose service is not is given up here, so that the
old machines stay: they are replaced by new ones only when all of those have come this far.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

PATIENCE = 300.0
"""Seconds for a service to be well."""
STAYS = 10.0
"""Seconds that a worker has to stay up: it has no port to be asked at."""


def is_well(url: str) -> bool:
    """Return whether a health path answers 200."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def starts() -> str:
    """Return which containers run, and when each was started."""
    asked = ["docker", "ps", "--no-trunc", "--format", "{{.ID}} {{.State}}"]
    found = subprocess.run(asked, stdout=subprocess.PIPE, check=True, text=True).stdout.split()[::2]
    command = ["docker", "inspect", "--format", "{{.Id}} {{.State.StartedAt}} {{.State.Running}}", *found]
    return subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout if found else ""


def settle(urls: list[str], patience: float, stays: float) -> bool:
    """Wait until each health path answers, or all containers stay up where there is none."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        before = starts()
        if urls:
            if all(map(is_well, urls)):
                return True
            time.sleep(2)
            continue
        time.sleep(stays)
        if before and before == starts():
            return True
    return False


def main() -> None:
    """Wait for what ``docker-compose.yml`` in the current folder runs."""
    document: Any = json.loads(Path("docker-compose.yml").read_text())
    urls = ["http://127.0.0.1:{port}{path}".format(**one) for one in document["x-berth"].get("health", [])]
    if not settle(urls, PATIENCE, STAYS):
        sys.exit(f"not well after {PATIENCE:.0f} s: " + (", ".join(urls) or "its containers do not stay up"))


if __name__ == "__main__":
    main()
