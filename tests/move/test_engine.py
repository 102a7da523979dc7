"""The ``pulumi`` command as a move runs it, played by a script."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

from berth.move.engine import EngineError, Pulumi


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path


def plays(root: Path, script: str) -> None:
    """Let ``pulumi`` be this script, which finds its words in ``words``."""
    file = root / "bin" / "pulumi"
    head = "import os, pathlib, signal, sys, time\nwords = ' '.join(sys.argv[1:])\n"
    file.write_text(f"#!{sys.executable} -IS\n{head}pathlib.Path('words').write_text(words)\n{script}")
    file.chmod(0o755)


def test_without_the_command_nothing_is_begun(root: Path) -> None:
    with pytest.raises(EngineError, match="There is no `pulumi` command"):
        Pulumi(root, "dev")


def test_up_shows_what_it_says_and_asks_nothing(root: Path, capfd: pytest.CaptureFixture[str]) -> None:
    plays(root, "print('Updating (dev)'); sys.exit(len(sys.stdin.read()))")
    Pulumi(root, "dev").up()
    assert (root / "words").read_text() == "up --yes --skip-preview --stack dev --non-interactive"
    assert capfd.readouterr() == ("", "Updating (dev)\n"), "the answer of the command itself stays alone"


def test_the_projects_policies_judge_the_new_berth(root: Path) -> None:
    plays(root, "print('{}')")
    (root / "policy").mkdir()
    (root / "policy" / "PulumiPolicy.yaml").touch()
    engine = Pulumi(root, "dev", root / "levels.json")
    engine.up(judged=True)
    assert f"--policy-pack policy --policy-pack-config {root}/levels.json" in (root / "words").read_text()
    assert engine.preview(judged=False) == {} and "policy" not in (root / "words").read_text()


def test_an_error_is_told_with_the_engines_words(root: Path) -> None:
    plays(
        root,
        """print('{"diagnostics": [{"severity": "error", "message": "no Docker\\\\n"}, {"severity": "info"}]}')
print("failed", file=sys.stderr); sys.exit(255)""",
    )
    engine = Pulumi(root, "dev")
    with pytest.raises(EngineError, match="ended with exit code 255:\nno Docker\nfailed"):
        engine.preview(judged=False)
    with pytest.raises(EngineError, match="`pulumi up` ended with exit code 255"):
        engine.up()


def test_an_interruption_is_handed_on_once_and_waited_for(root: Path) -> None:
    """As Ctrl-C does: the parent is told, and ``pulumi`` ends what it began."""
    plays(
        root,
        """heard = []
signal.signal(signal.SIGINT, lambda *_: heard.append(1))
os.kill(os.getppid(), signal.SIGINT)
until = time.monotonic() + 60
while not heard and time.monotonic() < until:
    time.sleep(0.01)
time.sleep(0.2)
pathlib.Path('ended').write_text(str(len(heard)))""",
    )
    # What is started in the background of a script ignores it.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            Pulumi(root, "dev").up()
    finally:
        signal.signal(signal.SIGINT, before)
    assert (root / "ended").read_text() == "1"
