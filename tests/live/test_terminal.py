"""What the commands do with the terminal, in processes of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from berth.live.place import Place
from tests.live.conftest import STACK
from tests.live.test_logs import write
from tests.programs import PROGRAM, ROOT


def test_ctrl_c_is_the_commands_own() -> None:
    """In a shell Ctrl-C ends what runs in it, and neither the shell nor berth."""
    code = (
        "from berth.live.commands import on_terminal; from berth.live.place import Access; import sys; "
        "script = 'trap \"echo caught\" INT; echo ready; sleep 5 >/dev/null & wait; exit 7'; "
        "sys.exit(on_terminal(['sh', '-c', script], Access('live', 'eu-central-1'))[0])"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    os.killpg(process.pid, signal.SIGINT)
    assert process.communicate(timeout=20)[0] == "caught\n"
    assert process.returncode == 7


def test_logs_end_quietly_when_nobody_reads_on(
    cloud: Callable[[str], Any], named: dict[str, Place], tmp_path: Path
) -> None:
    write(cloud, named["shop@ecs-fargate"], "shop/shop/0", *[(60, f"line {number}") for number in range(3000)])
    for name in PROGRAM:
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "Pulumi.live.yaml").write_text(f"config:\n{STACK}")
    command = [sys.executable, "-m", "berth", "logs", "live", "shop", "--berth", "ecs-fargate", "-C", str(tmp_path)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stderr is not None
    assert "line " in process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait(timeout=30) == 0
