"""Waits for a container to be well, asking as its orchestrator would, but more often."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

from berth.rehearse.errors import RehearsalError
from berth.rehearse.local import HOST
from berth.rehearse.podman import Podman, shortened
from berth.rehearse.record import request
from berth.rehearse.workload import Probe

# An orchestrator asks every 5 to 30 seconds; a rehearsal has no reason to wait that long.
PAUSE = 0.25
LOG_LINES = 20
# What podman itself needs to start a command in a container, on a busy machine.
EXEC_SECONDS = 2.0


def ask(podman: Podman, container: str, probe: Probe, published: tuple[int, int]) -> str | None:
    """Ask once; return None if all is well, otherwise what is wrong.

    Args:
        podman: Runs commands in the container.
        container: podman's name of it.
        probe: How it is asked.
        published: The container port that is published, and this machine's loopback port for it.
    """
    if probe.kind == "exec":
        # podman's own health checks need systemd's timers, and before 4.4 they lose the words of a CMD.
        output = podman.attempt("exec", container, *probe.command, timeout=probe.timeout + EXEC_SECONDS)
        return None if output.status == 0 else f"exit {output.status}: {output.last_error}"
    try:
        if probe.kind == "tcp":
            socket.create_connection((HOST, published[1]), timeout=probe.timeout).close()
            return None
        status, text = request(f"http://{HOST}:{published[1]}{probe.path}", timeout=probe.timeout)
    except OSError as error:
        return str(error.__cause__ or error)
    return None if status in probe.statuses else f"{probe.path} answered {status}: {text[:200]}"


def state(podman: Podman, container: str) -> tuple[str, int]:
    """Return a container's state, as podman names it, and its exit status."""
    output = podman.attempt("inspect", "--format={{.State.Status}} {{.State.ExitCode}}", container)
    status, _, code = output.out.strip().partition(" ")
    return (status, int(code)) if code.lstrip("-").isdigit() else ("missing", -1)


def logs(podman: Podman, container: str) -> str:
    """Return a container's last lines, indented."""
    for _ in range(4):
        output = podman.attempt("logs", f"--tail={LOG_LINES}", container)
        if text := shortened((output.out + output.err).splitlines(), LOG_LINES):
            return text
        time.sleep(PAUSE)  # an end is seen before the last lines are written
    return "    (it wrote nothing)"


def wait(
    podman: Podman,
    container: str,
    probe: Probe,
    published: tuple[int, int],
    deadline: float,
    tick: Callable[[], None] = lambda: None,
) -> float:
    """Wait until a container is well.

    Args:
        podman: Knows the container.
        container: podman's name of it.
        probe: How it is asked.
        published: The container port that is published, and this machine's loopback port for it.
        deadline: By the monotonic clock; the probe's own patience may end the wait sooner.
        tick: Called between two questions.

    Returns:
        Seconds it took.

    Raises:
        RehearsalError: It ended, or is not well in time; carries its last lines.
    """
    started = time.monotonic()
    deadline = min(deadline, started + probe.patience)
    while (problem := ask(podman, container, probe, published)) is not None:
        status, code = state(podman, container)
        if status not in ("running", "created", "initialized"):
            raise RehearsalError(
                f"{container} ended with exit status {code}; its last lines:\n{logs(podman, container)}"
            )
        if time.monotonic() > deadline:
            raise RehearsalError(
                f"{container} is not well after {time.monotonic() - started:.0f} s: {probe.name}: {problem}; its last"
                f" lines:\n{logs(podman, container)}"
            )
        tick()
        time.sleep(PAUSE)
    return time.monotonic() - started
