"""The ``pulumi`` command: what it would change, what is up, and ``up`` itself, whose output is shown as it comes."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Protocol

from berth.errors import BerthError

_POLICIES: Final = "policy"
_STDERR: Final = 2


class EngineError(BerthError):
    """The engine refuses, or ended with an error; its own output says more."""


class Engine(Protocol):
    """What a move asks of the engine."""

    def outputs(self) -> Mapping[str, Any]:
        """Return the outputs of what is up; none where nothing is."""

    def preview(self, *, judged: bool) -> Mapping[str, Any]:
        """Return what ``up`` would do, as ``pulumi preview --json`` says it.

        Args:
            judged: whether the project's policies have a say.
        """

    def up(self, *, judged: bool = False, on: bool = False) -> None:
        """Deploy the stack.

        Args:
            judged: as of ``preview``.
            on: whether an error of one resource leaves the others their turn.
        """


class Pulumi:
    """The command on this machine, for one stack."""

    def __init__(self, root: Path, stack: str, policy_config: Path | None = None) -> None:
        """Take the stack.

        Raises:
            EngineError: There is no such command.
        """
        if shutil.which("pulumi") is None:
            raise EngineError("There is no `pulumi` command: https://www.pulumi.com/docs/install/")
        self._root, self._stack = root, stack
        self._policies = ["--policy-pack", _POLICIES] if (root / _POLICIES / "PulumiPolicy.yaml").is_file() else []
        if self._policies and policy_config:
            self._policies += ["--policy-pack-config", str(policy_config.resolve())]

    def outputs(self) -> Mapping[str, Any]:
        """Return the outputs of what is up."""
        found = self._read("stack", "output", "--json")
        answer: Mapping[str, Any] = json.loads(found) if found.strip() else {}
        return answer

    def preview(self, *, judged: bool) -> Mapping[str, Any]:
        """Return what ``up`` would do."""
        answer: Mapping[str, Any] = json.loads(self._read("preview", "--json", *(self._policies if judged else [])))
        return answer

    def up(self, *, judged: bool = False, on: bool = False) -> None:
        """Deploy the stack, its output on standard error.

        An interruption is handed on to ``pulumi``, which then ends what it began and is waited for: a stack whose
        ``up`` was killed is locked. In a process group of its own it hears of each only once, as the second one kills.
        """
        options = [*(self._policies if judged else []), *(["--continue-on-error"] if on else [])]
        command = self._command("up", "--yes", "--skip-preview", *options)
        interrupted = False
        process = subprocess.Popen(command, cwd=self._root, stdin=subprocess.DEVNULL, stdout=_STDERR, process_group=0)
        while process.returncode is None:
            try:
                process.wait()
            except KeyboardInterrupt:
                interrupted = True
                process.send_signal(signal.SIGINT)
        if interrupted:
            raise KeyboardInterrupt
        if code := process.returncode:
            raise EngineError(f"`pulumi up` ended with exit code {code}.")

    def _command(self, *words: str) -> list[str]:
        return ["pulumi", *words, "--stack", self._stack, "--non-interactive"]

    def _read(self, *words: str) -> str:
        done = subprocess.run(self._command(*words), cwd=self._root, capture_output=True, text=True, check=False)
        if done.returncode:
            raise EngineError(f"`pulumi {' '.join(words)}` ended with exit code {done.returncode}:\n{_said(done)}")
        return done.stdout


def _said(done: subprocess.CompletedProcess[str]) -> str:
    """Return what a command that failed has to say; in a preview's JSON it is among the diagnostics."""
    try:
        diagnostics = json.loads(done.stdout).get("diagnostics") or ()
        told = [one["message"].strip() for one in diagnostics if one.get("severity") == "error"]
    except (ValueError, AttributeError):
        told = [done.stdout.strip()]
    return "\n".join(line for line in [*told, done.stderr.strip()] if line)[-4000:]
