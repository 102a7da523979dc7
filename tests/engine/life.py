"""The life of a stack: previewed, made, changed and ended by the real engine, each command's run kept."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from .cli import Checkout, Run


class Stack:
    """One stack, and each change of it."""

    def __init__(self, providers: str, factory: pytest.TempPathFactory, name: str, config: str) -> None:
        """Preview it before anything exists."""
        self._checkout = Checkout(factory.mktemp(name), providers)
        self._file = f"Pulumi.{name}.yaml"
        (self._checkout.root / self._file).write_text(f"config:\n  aws:region: eu-central-1\n{config}")
        self._checkout.pulumi("stack", "init", name)
        self.first = self._checkout.preview()

    def up(self, *edits: tuple[str, str]) -> Run:
        """Deploy it, with text of its file replaced."""
        for old, new in edits:
            self._checkout.edit(self._file, old, new)
        return self._checkout.pulumi("up", "--yes", "--skip-preview", "--policy-pack", "policy", logged=True)

    def again(self) -> Run:
        """Preview it as it is."""
        return self._checkout.preview("--expect-no-changes")

    def export(self) -> Run:
        """Read its state."""
        return self._checkout.pulumi("stack", "export")

    def replace_state(self, state: dict[str, Any]) -> Run:
        """Write its state, as a refresh does that found something else at AWS."""
        file = self._checkout.root / "state.json"
        file.write_text(json.dumps(state))
        return self._checkout.pulumi("stack", "import", "--file", str(file))

    def destroy(self) -> Run:
        """End it."""
        return self._checkout.pulumi("destroy", "--yes", "--skip-preview")


@dataclass(frozen=True)
class Life:
    """What each command of a stack's life gave; more of them stand in a class of their own."""

    first: Run
    """A preview before anything exists."""
    up: Run
    again: Run
    """A preview of the same once more."""
    end: Run

    def judge(self, *but: str) -> None:
        """Fail where a command did, or the pack refused something; some commands are meant to fail."""
        for command, run in vars(self).items():
            if command not in but:
                assert run.code == 0, f"{command}: {run.output}"
                assert [verdict for verdict in run.verdicts if verdict.level == "mandatory"] == [], command


def name_of(urn: str) -> str:
    """Return the name at the end of a URN."""
    return urn.rpartition("::")[2]


def moved(run: Run, *but: str) -> dict[str, set[str]]:
    """Return what a run did to resources by their names, but for some and for components, which are in no cloud."""
    found: dict[str, set[str]] = {}
    for urn, steps in run.steps.items():
        token = urn.split("::")[2].rpartition("$")[2]
        if not token.startswith(("berth:", "pulumi:")) and not name_of(urn).startswith(but):
            found.setdefault(name_of(urn), set()).update(steps)
    return found


def steps_in_order(run: Run) -> list[tuple[str, str]]:
    """Return what the engine did to which type, in the order in which it began."""
    steps = [event["resourcePreEvent"]["metadata"] for event in run.events if "resourcePreEvent" in event]
    return [(step["op"], step["type"]) for step in steps if step["op"] != "same"]
