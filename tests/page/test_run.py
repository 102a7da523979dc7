"""``make run``: the service and its page until somebody stops them, or until one of them ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.page.processes import ROOT, environment, free_port, record, request
from tests.page.shown import Shown

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("need_uv")]


@contextmanager
def running(folder: Path, variables: dict[str, str]) -> Iterator[tuple[subprocess.Popen[str], int, int]]:
    """Start it, wait until it says where things are, and give the process and both ports."""
    port, page_port = free_port(), free_port()
    ports = {"PORT": str(port), "PAGE_PORT": str(page_port), "SQLITE_PATH": str(folder / "records.db")}
    process = subprocess.Popen(
        [str(ROOT / "scripts/run-service")], env=environment(variables | ports), stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
        # A job in the background ignores Ctrl-C, and what it starts would, too.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    try:
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(4)]
        assert f"http://127.0.0.1:{page_port}/" in said[0] and f"http://127.0.0.1:{port}/" in said[1], said
        assert "Ctrl-C" in said[3]
        yield process, port, page_port
    finally:
        process.terminate()
        process.communicate(timeout=60)


def listeners(ports: Sequence[int]) -> list[list[str]]:
    """Return the sockets that listen on one of the ports, as the kernel lists them: with inode, address and state."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return [row for row in rows if row[3] == "0A" and int(row[1].split(":")[1], 16) in ports]


def owner(port: int) -> int:
    """Return the process that listens on a port."""
    ((*_, inode),) = [row[:10] for row in listeners([port])]
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if os.readlink(link) == f"socket:[{inode}]":
                return int(link.parts[2])
        except OSError:
            continue
    raise AssertionError(f"nobody listens on {port}")


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_both_and_ends_both(shown: Shown, tmp_path: Path, sign: signal.Signals) -> None:
    # What is set for another run does not disturb this one.
    foreign = {"DATABASE_HOST": "db.example", "JWT_ISSUER": "https://id.example"}
    with running(tmp_path, foreign) as (process, port, page_port):
        shown.open(f"http://127.0.0.1:{page_port}/")
        shown.fill(userId="51", heartRate2="93")
        shown.send()
        shown.until("document.getElementById('latest-rate').textContent === '93'")
        assert {row[1].split(":")[0] for row in listeners([port, page_port])} == {"0100007F"}
        process.send_signal(sign)
        assert process.wait(60) == 128 + sign
        assert listeners([port, page_port]) == []


@pytest.mark.parametrize("which", [0, 1])
def test_when_one_dies_the_other_is_ended(tmp_path: Path, which: int) -> None:
    with running(tmp_path, {}) as (process, *ports):
        os.kill(owner(ports[which]), signal.SIGKILL)
        assert process.wait(60) != 0
        assert process.stderr is not None
        assert ("the API ended", "the page's server ended")[which] in process.stderr.read()
        assert listeners(ports) == []


def test_a_port_in_use_is_said(tmp_path: Path) -> None:
    with running(tmp_path, {}) as (_, port, _):
        second = subprocess.run(
            [str(ROOT / "scripts/run-service")], env=environment({"PORT": str(port)}), capture_output=True, text=True,
            timeout=60,
        )  # fmt: skip
        assert second.returncode == 2 and f"port {port} is in use" in second.stderr
        assert request(f"http://127.0.0.1:{port}/healthz")[0] == 200


def test_records_stay_where_they_are_told_to(tmp_path: Path) -> None:
    for _ in range(2):
        with running(tmp_path, {}) as (_, port, _):
            content = json.dumps(record(52, 1_588_114_545_442)).encode()
            assert request(f"http://127.0.0.1:{port}/rest/records", "POST", content)[0] == 201
            found = json.loads(request(f"http://127.0.0.1:{port}/rest/records?userId=52")[2])["records"]
    assert len(found) == 2
