"""Waits for a container to be well, asking as its orchestrator would, but more often."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from berth.rehearse.errors import RehearsalError
from berth.rehearse.local import HOST
from berth.rehearse.podman import Podman, shortened
from berth.rehearse.roundtrip import request
from berth.rehearse.workload import Probe

# An orchestrator asks every 5 to 30 seconds; a rehearsal has no reason to wait that long.
PAUSE = 0.25
LOG_LINES = 20
LOG_SECONDS = 5.0
"""An end is seen before the last lines are written, by seconds on a busy machine."""
SAY_SECONDS = 3.0
"""A start that takes no longer needs no explanation."""
STEADY_SECONDS = 20.0
"""How long a service may refuse the question and yet be starting: some answer 404 until all of it is loaded. By default
a kubelet's third failure, which is one too many, comes as long after the first."""
NOT_YET = frozenset({408, 425, 429})
"""Statuses that ask to come again, among those that say that the question is wrong."""
# What podman itself needs to start a command in a container, on a busy machine.
EXEC_SECONDS = 10.0


@dataclass(frozen=True)
class Problem:
    """Why a container is not well."""

    text: str
    status: int | None = None
    """Of an answer by HTTP."""

    @property
    def refused(self) -> bool:
        """Whether the service is up and the question is wrong: no such path, not allowed, elsewhere."""
        return self.status is not None and 300 <= self.status < 500 and self.status not in NOT_YET


def ask(podman: Podman, container: str, probe: Probe, published: Mapping[int, int]) -> Problem | None:
    """Ask once; return None if all is well, otherwise what is wrong.

    Args:
        podman: Runs commands in the container.
        container: podman's name of it.
        probe: How it is asked.
        published: This machine's loopback port for each of the container's ports that is published.
    """
    if probe.kind == "exec":
        # podman's own health checks need systemd's timers, and before 4.4 they lose the words of a CMD.
        output = podman.attempt("exec", container, *probe.command, timeout=probe.timeout + EXEC_SECONDS)
        return None if output.status == 0 else Problem(f"exit {output.status}: {output.last_error}")
    try:
        if probe.kind == "tcp":
            socket.create_connection((HOST, published[probe.port]), timeout=probe.timeout).close()
            return None
        status, text = request(f"http://{HOST}:{published[probe.port]}{probe.path}", timeout=probe.timeout)
    except OSError as error:
        return Problem(str(error.__cause__ or error))
    return None if status in probe.statuses else Problem(f"{probe.path} answered {status}: {text[:200]}", status)


def state(podman: Podman, container: str) -> tuple[str, int]:
    """Return a container's state, as podman names it, and its exit status."""
    output = podman.attempt("inspect", "--format={{.State.Status}} {{.State.ExitCode}}", container)
    status, _, code = output.out.strip().partition(" ")
    return (status, int(code)) if code.lstrip("-").isdigit() else ("missing", -1)


def logs(podman: Podman, container: str) -> str:
    """Return a container's last lines, indented."""
    deadline = time.monotonic() + LOG_SECONDS
    while time.monotonic() < deadline:
        # Not --tail: with it podman 4.3 loses the beginning of a line that was written in several parts.
        output = podman.attempt("logs", container)
        if text := shortened(folded((output.out + output.err).splitlines()), LOG_LINES):
            return text
        time.sleep(PAUSE)
    return "    (it wrote nothing)"


def folded(lines: Iterable[str]) -> list[str]:
    """Return a log with one line for those in a row that differ in their numbers only, such as times and ports."""
    runs = [list(run) for _, run in groupby(lines, key=lambda line: re.sub(r"\d+", "0", line))]
    return [run[-1] + (f"   ({len(run)} such lines)" if len(run) > 1 else "") for run in runs]


def wait(
    podman: Podman,
    container: str,
    probe: Probe,
    published: Mapping[int, int],
    deadline: float,
    say: Callable[[str], None] = lambda text: None,
) -> float:
    """Wait until a container is well.

    Args:
        podman: Knows the container.
        container: podman's name of it.
        probe: How it is asked.
        published: This machine's loopback port for each of the container's ports that is published.
        deadline: By the monotonic clock; the probe's own patience may end the wait sooner.
        say: Is told what is wrong, and again when it is something else.

    Returns:
        Seconds it took.

    Raises:
        RehearsalError: It ended, is not well in time, or refuses the question all the time.
    """
    started = since = time.monotonic()
    deadline = min(deadline, started + probe.patience)
    said, last = "", None
    while (problem := ask(podman, container, probe, published)) is not None:
        now = time.monotonic()
        status, code = state(podman, container)
        if status not in ("running", "created", "initialized"):
            raise RehearsalError(
                f"{container} ended with exit status {code}; its last lines:\n{logs(podman, container)}"
            )
        if problem.status != last:
            since, last = now, problem.status
        if problem.refused and now - since > STEADY_SECONDS:
            # Its log would only say so once more.
            raise RehearsalError(
                f"{container} is up, and for {now - since:.0f} s has refused its {probe.name}: {problem.text}\n"
                "  name paths that answer 200 without a login: berth:service.healthPath, and readyPath for readiness"
            )
        if now > deadline:
            raise RehearsalError(
                f"{container} is not well after {now - started:.0f} s: {probe.name}: {problem.text}; its last"
                f" lines:\n{logs(podman, container)}"
            )
        if problem.text != said and now - started > SAY_SECONDS:
            said = problem.text
            say(f"{probe.name}: {said}")
        time.sleep(PAUSE)
    return time.monotonic() - started
