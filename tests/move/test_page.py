"""docs/moving.md: its commands are understood, and it lists every right that a move needs."""

from __future__ import annotations

import re
import shlex

import botocore.session
import pytest
import yaml
from typer.testing import CliRunner

from berth.cli import app
from tests.move.world import World
from tests.programs import ROOT

PAGE = (ROOT / "docs" / "moving.md").read_text()
COMMANDS = re.findall(r"^(?:uv run )?berth (move prod .*?)(?:  +#.*)?$", PAGE, re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_understood(command: str) -> None:
    """Up to the stack, which is not there."""
    result = CliRunner().invoke(app, [*shlex.split(command), "-C", str(ROOT)])
    assert result.exit_code == 2
    assert result.stderr.startswith("There is no stack 'prod'")


def test_it_shows_the_ways_to_move() -> None:
    shown = set(re.findall(r"--[a-z]+", " ".join(COMMANDS)))
    assert {"--to", "--steps", "--bake", "--plan", "--keep", "--back", "--finish"} <= shown


def test_it_lists_the_rights_that_are_needed() -> None:
    """The world of these tests answers no other call."""
    session = botocore.session.get_session()
    called = set()
    for service, prefix in (("elbv2", "elasticloadbalancing"), ("cloudwatch", "cloudwatch")):
        names = {
            re.sub("(?<!^)(?=[A-Z])", "_", name).lower(): name
            for name in session.get_service_model(service).operation_names
        }
        called |= {f"{prefix}:{name}" for method, name in names.items() if hasattr(World, method)}
    assert len(called) == 6
    assert set(re.findall(r"`([a-z]+:[A-Z][A-Za-z]+)`", PAGE)) == called


def test_its_workflow_is_yaml() -> None:
    [text] = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    run = yaml.safe_load(text)["jobs"]["step"]["steps"][-2]["run"]
    assert "--markdown" in run and "${{" not in run, "what a person types is no part of the script"
