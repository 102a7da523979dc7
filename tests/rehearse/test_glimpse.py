"""A container that ends within a blink is seen nevertheless, and never as what the run time was before it."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from berth.rehearse.checks import Observation
from berth.rehearse.glimpse import Glimpse

from .test_checks import MOUNTINFO, STATUS

PID = "4711"
IDS = "0 0 4294967295\n"


def proc(root: Path, command: str) -> None:
    """Write the kernel's account of the process."""
    folder = root / PID
    folder.mkdir(exist_ok=True)
    (folder / "status").write_text(STATUS.replace("python", command))
    for name, text in (("uid_map", IDS), ("gid_map", IDS), ("mountinfo", MOUNTINFO)):
        (folder / name).write_text(text)


def seen_by(glimpse: Glimpse) -> Observation | None:
    """Give it time to look, then end it."""
    time.sleep(0.2)
    return glimpse.end()


def test_it_is_looked_at_when_it_is_its_own_program_and_what_was_seen_outlives_it(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    glimpse = Glimpse(file, tmp_path)
    time.sleep(0.05)
    proc(tmp_path, "runc:[2:INIT]")
    file.write_text(PID)
    time.sleep(0.05)
    proc(tmp_path, "write")
    time.sleep(0.2)
    shutil.rmtree(tmp_path / PID)
    seen = seen_by(glimpse)
    assert seen is not None and seen.written is None
    [process] = seen.processes
    assert (process.command, process.uids) == ("write", (10001,) * 4)
    assert "/tmp" in {mount.path for mount in seen.mounts}


def test_the_run_time_is_not_taken_for_the_container(tmp_path: Path) -> None:
    proc(tmp_path, "runc:[2:INIT]")
    (tmp_path / "pid").write_text(PID)
    assert seen_by(Glimpse(tmp_path / "pid", tmp_path)) is None


def test_what_never_starts_is_not_seen(tmp_path: Path) -> None:
    assert seen_by(Glimpse(tmp_path / "pid", tmp_path)) is None
