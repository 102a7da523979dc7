"""What is written about the rules is what they are."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from policy.rules.config import CONFIGURABLE

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "scripts" / "policy_rules.py"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("policy_rules", SCRIPT)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_what_is_written_is_up_to_date(script: ModuleType) -> None:
    for path, text in script.outputs().items():
        assert path.read_text() == text, f"{path.name} is not up to date: run python scripts/policy_rules.py"


def test_every_rule_is_told_of(script: ModuleType) -> None:
    rows = [line.split("|")[1].split("`")[1] for line in script.reference().splitlines() if line.startswith("| `")]
    assert CONFIGURABLE.keys() <= set(rows)
    for rule in CONFIGURABLE.values():
        (row,) = [line for line in script.reference().splitlines() if line.startswith(f"| `{rule.id}`")]
        assert rule.description in row
        assert rule.remediation.replace("|", "\\|") in row


def test_the_schema_knows_every_rule_and_setting(script: ModuleType) -> None:
    properties = json.loads(script.schema())["properties"]
    assert properties.keys() == CONFIGURABLE.keys() | {"all"}
    for rule in CONFIGURABLE.values():
        (settings,) = [one for one in properties[rule.id]["anyOf"] if "properties" in one]
        assert settings["properties"].keys() == rule.config.keys() | {"enforcementLevel"}
        assert settings["additionalProperties"] is False


def test_a_check_writes_nothing_and_fails_when_something_is_stale(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(script, "ROOT", tmp_path)
    monkeypatch.setattr(script, "outputs", lambda: {tmp_path / "RULES.md": "new\n"})
    monkeypatch.setattr(sys, "argv", ["policy_rules.py", "--check"])
    (tmp_path / "RULES.md").write_text("old\n")
    assert script.main() == 1
    assert capsys.readouterr().out == "RULES.md is not up to date: run scripts/policy_rules.py\n"
    assert (tmp_path / "RULES.md").read_text() == "old\n"
    monkeypatch.setattr(sys, "argv", ["policy_rules.py"])
    assert script.main() == 0
    assert (tmp_path / "RULES.md").read_text() == "new\n"


def test_the_script_runs_by_itself() -> None:
    subprocess.run([sys.executable, str(SCRIPT), "--help"], check=True, capture_output=True)
