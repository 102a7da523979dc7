"""Reading from the engine: in a process of its own, as the engine starts the program."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys
from pathlib import Path
import pulumi
from components.settings import SettingsError, load
try:
    settings = load(Path(sys.argv[1]))
except SettingsError as error:
    assert isinstance(error, pulumi.RunError), "the engine prints a RunError without a traceback"
    print(error)
else:
    print(settings.model_dump_json())
"""


def run(project: Path, config: Mapping[str, str], **environment: str) -> str:
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(project)],
        cwd=ROOT,
        env={**os.environ, "PULUMI_STACK": "dev", "PULUMI_CONFIG": json.dumps(config), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_the_engines_config_becomes_settings(project: Path) -> None:
    config = {"aws:region": "eu-west-1", "berth:backend": "eks", "berth:service": '{"cpu":512}', "berth:ecs-ec2": "{}"}
    settings = json.loads(run(project, config))
    assert (settings["region"], settings["backend"], settings["service"]["cpu"]) == ("eu-west-1", "eks", 512)


def test_every_key_of_the_namespace_is_seen(project: Path) -> None:
    config = {"aws:region": "eu-west-1", "berth:backend": "eks", "berth:sevice": "{}", "aws:profile": "me"}
    text = run(project, config)
    assert "cannot be used: 1 problem." in text
    assert "Did you mean berth:service?" in text


def test_single_keys_come_from_the_environment_too(project: Path) -> None:
    text = run(project, {"aws:region": "eu-west-1"}, PULUMI_CONFIG_BERTH_BACKEND="ecs-ec2")
    assert json.loads(text)["backend"] == "ecs-ec2"


def test_secrets_are_known_as_such(project: Path) -> None:
    config = {"aws:region": "eu-west-1", "berth:backend": "eks", "berth:eks": '{"version":"sesame"}'}
    text = run(project, config, PULUMI_CONFIG_SECRET_KEYS='["berth:eks"]')
    assert "berth:eks.version" in text
    assert "sesame" not in text


def test_what_the_engine_passes_over_in_the_stack_file_is_refused(project: Path, tmp_path: Path) -> None:
    """The program is told nothing of it: it looks into the file itself."""
    config = {"aws:region": "eu-west-1", "berth:backend": "eks", "berth:service": '{"memory":420}'}
    shutil.copytree(project, tmp_path, dirs_exist_ok=True)
    file = tmp_path / "Pulumi.stack.yaml"  # the SDK's own name of a stack where no engine tells it one
    file.write_text("confg: {}\nconfig:\n  berth:service: {memory: 0644}\n")
    text = run(tmp_path, config)
    assert "cannot be used: 2 problems." in text
    assert "1. confg\n   given    confg at the left margin\n" in text and "Did you mean config?" in text
    assert "2. berth:service.memory\n   given    0644 in line 3\n" in text and "example  644\n" in text
    # An own file may be given to the engine, which then refuses it or not by itself.
    file.write_text("config: [")
    assert json.loads(run(tmp_path, config))["service"]["memory"] == 420
