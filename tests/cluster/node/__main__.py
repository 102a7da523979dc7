"""The cluster from the command line.

    python -m tests.cluster.node            starts it and keeps it until Ctrl-C
    python -m tests.cluster.node prepare    only makes its parts
    python -m tests.cluster.node missing    names the Debian packages that this machine lacks for it

Ends with 3 where this machine cannot run it.
"""

from __future__ import annotations

import signal
import sys
import time

from .cluster import prepare, running
from .machine import ClusterError, hindrance, missing_packages

CANNOT_RUN = 3


def say(text: str) -> None:
    """Write a line now."""
    print(text, flush=True)


def main(arguments: list[str]) -> int:
    """Run the command; return its exit status."""
    if arguments == ["missing"]:
        say(" ".join(missing_packages()))
        return 0
    if why := hindrance():
        say(f"This machine cannot run a node: {why}")
        return CANNOT_RUN
    # So that whatever was started is ended.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        if arguments == ["prepare"]:
            prepare(say)
            return 0
        with running(say) as cluster:
            say(f"\n  export KUBECONFIG={cluster.kubeconfig}\n\nCtrl-C ends it.")
            while not (gone := cluster.namespaces.ended()):
                time.sleep(1)
            say(gone)
            return 1
    except ClusterError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
