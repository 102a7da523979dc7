"""The `pulumi` command on a copy of the project, with the stand-in providers attached to it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
SECONDS = 300

# What a copy of the project is made of; the tests themselves and what other tools leave behind are not needed.
_NOT_COPIED = shutil.ignore_patterns(
    ".*", "__pycache__", "tests", "docs", "build", "dist", "*.egg-info", "node_modules"
)


@dataclass(frozen=True)
class Verdict:
    """One finding of one rule on one resource."""

    rule: str
    level: str
    resource: str
    message: str


@dataclass(frozen=True)
class Run:
    """What one command printed, and what the engine reported while it ran."""

    code: int
    output: str
    events: list[dict[str, Any]]

    @property
    def verdicts(self) -> list[Verdict]:
        """The findings of the policy pack."""
        return [
            Verdict(event["policyName"], event["enforcementLevel"], event.get("resourceUrn", ""), event["message"])
            for event in self._of_kind("policyEvent")
        ]

    @property
    def passed(self) -> dict[str, set[str]]:
        """The rules that ran and found nothing, by the URN of the resource."""
        rules: dict[str, set[str]] = {}
        for event in self._of_kind("policyAnalyzeSummaryEvent"):
            rules.setdefault(event["resourceUrn"], set()).update(event.get("passed", []))
        return rules

    @property
    def inputs(self) -> dict[str, dict[str, Any]]:
        """The inputs of every resource that the engine planned or made, by URN."""
        planned = [event["metadata"] for event in self._of_kind("resourcePreEvent")]
        return {step["urn"]: step["new"]["inputs"] for step in planned if step.get("new")}

    @property
    def steps(self) -> dict[str, set[str]]:
        """What the engine did to each resource that did not stay as it was, by URN: `create`, `update`, ..."""
        steps: dict[str, set[str]] = {}
        for step in (event["metadata"] for event in self._of_kind("resourcePreEvent")):
            if step["op"] != "same":
                steps.setdefault(step["urn"], set()).add(step["op"])
        return steps

    def _of_kind(self, kind: str) -> Iterator[dict[str, Any]]:
        return (event[kind] for event in self.events if kind in event)


class Checkout:
    """A copy of the project with a state of its own, so that the work tree and the user's stacks stay as they are."""

    def __init__(self, folder: Path, providers: str) -> None:
        """Copy the project; `providers` is what PULUMI_DEBUG_PROVIDERS takes."""
        self.root = folder / "project"
        self._log = folder / "events"
        shutil.copytree(PROJECT, self.root, ignore=_NOT_COPIED)
        (self.root / ".venv").symlink_to(sys.prefix)
        state = folder / "state"
        state.mkdir()
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PULUMI_"))}
        self.environment = {
            **kept,
            "PWD": str(self.root),  # as a shell sets it that stands in the folder
            "PULUMI_BACKEND_URL": state.as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "only for this test",
            "PULUMI_DEBUG_COMMANDS": "true",  # --event-log is one of these
            "PULUMI_DEBUG_PROVIDERS": providers,
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            # The CLI runs `uv sync` first: it would install the copy into the environment that the work tree uses.
            "UV_FROZEN": "1",
            "UV_NO_INSTALL_PROJECT": "1",
            "UV_OFFLINE": "1",
        }

    def pulumi(self, *arguments: str, logged: bool = False) -> Run:
        """Run a command; a `logged` one also gives the engine's events."""
        command = ["pulumi", *arguments, "--non-interactive", "--color", "never"]
        self._log.unlink(missing_ok=True)
        if logged:
            command += ["--event-log", str(self._log)]
        done = subprocess.run(
            command, cwd=self.root, env=self.environment, capture_output=True, text=True, timeout=SECONDS, check=False
        )
        lines = self._log.read_text().splitlines() if self._log.exists() else []
        return Run(done.returncode, done.stdout + done.stderr, [json.loads(line) for line in lines])

    def preview(self, *arguments: str) -> Run:
        """Preview with the policy pack on."""
        return self.pulumi("preview", "--policy-pack", "policy", *arguments, logged=True)

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace text of a file, which has to be there: a sabotage that sabotages nothing proves nothing."""
        file = self.root / path
        text = file.read_text()
        assert old in text, f"{path} no longer contains {old!r}"
        file.write_text(text.replace(old, new))


@contextmanager
def standing_in(**variables: str) -> Iterator[str]:
    """Run the stand-in providers in a process of their own and give what PULUMI_DEBUG_PROVIDERS takes.

    Constructing a component needs the SDK's process-wide settings, which other tests use as well.
    """
    package = f"{__package__}.standin"
    # The folder that the package is found from: the tests' own, or the project's, as pytest imported this module.
    root = Path(__file__).resolve().parents[len(package.split(".")) - 1]
    environment = {**os.environ, "PYTHONPATH": str(root), **variables}
    command = [sys.executable, "-m", package]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            providers = process.stdout.readline().strip()
            assert providers, "the stand-in providers did not start"
            yield providers
        finally:
            process.kill()
