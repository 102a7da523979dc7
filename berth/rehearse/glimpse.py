"""Looks at a container from its very first moment: one that ends within a blink is judged by what it was, too."""

from __future__ import annotations

import contextlib
import threading
import time
from pathlib import Path

from berth.rehearse.checks import Observation
from berth.rehearse.observe import RUNTIME_COMMANDS, process_of
from berth.rehearse.proc import PROC, parse_mounts

PAUSE = 0.001
"""Between two looks; the least of programs runs about as long."""
LONGEST = 30.0
"""Seconds after which nobody will ask for what was seen: the container could not be started."""


class Glimpse:
    """Waits in the background for a container's first process, and looks at it once, as soon as it is its own."""

    def __init__(self, pid_file: Path, root: Path = PROC) -> None:
        """Begin to wait.

        Args:
            pid_file: Where podman writes the first process's pid; it is not there yet.
            root: Where the kernel's account is.
        """
        self._pid_file, self._root = pid_file, root
        self._over = threading.Event()
        self._seen: Observation | None = None
        self._thread = threading.Thread(target=self._wait, daemon=True)
        self._thread.start()

    def end(self) -> Observation | None:
        """Wait no more; return what was seen, None if the container was too quick. Whether files can be made is not."""
        self._over.set()
        self._thread.join()
        return self._seen

    def _wait(self) -> None:
        deadline = time.monotonic() + LONGEST
        while self._seen is None and not self._over.wait(PAUSE) and time.monotonic() < deadline:
            # What is not there yet, or no more.
            with contextlib.suppress(OSError, ValueError):
                pid = int(self._pid_file.read_text())
                process = process_of(pid, self._root)
                if process.command not in RUNTIME_COMMANDS:
                    mounts = parse_mounts((self._root / str(pid) / "mountinfo").read_text())
                    self._seen = Observation((process,), tuple(mounts)) if mounts else None
