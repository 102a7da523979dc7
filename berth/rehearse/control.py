"""How a running haproxy is steered and asked: by its stats socket, as an operator would."""

from __future__ import annotations

import csv
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from berth.rehearse.errors import RehearsalError

ANSWER_SECONDS = 30.0
"""haproxy answers at once, even on a busy machine."""


@dataclass(frozen=True)
class Server:
    """One server of a backend, as haproxy sees it."""

    status: str
    """``UP``, ``UP 1/3`` on the way down, ``DOWN``, ``DOWN 1/2`` on the way up; ``no check``."""
    current: int
    """Requests that it is about."""


def say(control: Path, commands: Sequence[str]) -> str:
    """Give haproxy commands, which it follows in one go; return what it says.

    Raises:
        RehearsalError: It is not there.
    """
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(ANSWER_SECONDS)
            connection.connect(str(control))
            connection.sendall(";".join(commands).encode() + b"\n")
            answer = b""
            while chunk := connection.recv(65536):
                answer += chunk
    except OSError as error:
        raise RehearsalError(f"haproxy does not answer: {error}") from error
    return answer.decode().strip()


def weigh(control: Path, weights: Sequence[tuple[str, str, int]]) -> None:
    """Set weights, each of a backend's server.

    Raises:
        RehearsalError: haproxy does not take one.
    """
    # The larger ones first, so that at no moment all of a backend are 0.
    ordered = sorted(weights, key=lambda one: -one[2])
    if refused := say(
        control, [f"set server {backend}/{server} weight {weight}" for backend, server, weight in ordered]
    ):
        raise RehearsalError(f"haproxy does not take its weights: {refused}")


def servers(control: Path) -> dict[tuple[str, str], Server]:
    """Return all servers by the names of backend and server."""
    rows = csv.DictReader(say(control, ["show stat"]).removeprefix("# ").splitlines())
    return {
        (row["pxname"], row["svname"]): Server(row["status"], int(row["scur"]))
        for row in rows
        if row["svname"] not in ("FRONTEND", "BACKEND")
    }
