"""The policies' configuration reaches a preview, and what it cannot mean is said."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from berth.errors import ConfigError
from berth.judgement import judge_plan
from berth.plan import Plan, Resource

from .conftest import Berth

DATABASE = Resource("urn:it", "aws:rds/instance:Instance", "it", None, {"deletionProtection": False})


def test_levels_come_from_the_file(berth: Berth, tmp_path: Path) -> None:
    assert berth("preview", "root").returncode == 1
    file = tmp_path / "policy.json"
    file.write_text(json.dumps({"all": "advisory"}))
    result = berth("preview", "root", "--policy-config", str(file), "--json")
    assert result.returncode == 0, result.stderr
    assert {violation["level"] for violation in json.loads(result.stdout)["violations"]} == {"advisory"}
    file.write_text(json.dumps({"all": "disabled"}))
    assert json.loads(berth("preview", "root", "--policy-config", str(file), "--json").stdout)["violations"] == []


@pytest.mark.parametrize("command", ["preview", "rehearse"])
def test_an_unknown_name_is_an_error(berth: Berth, tmp_path: Path, command: str) -> None:
    file = tmp_path / "policy.json"
    file.write_text(json.dumps({"ecs-nonroot": "advisory"}))
    result = berth(command, "root", "--policy-config", str(file))
    assert result.returncode == 2
    assert "ecs-nonroot: no such rule (the nearest is ecs-non-root)" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        judge_plan(Plan("dev", (), {}), tmp_path, tmp_path / "none.json")


@pytest.mark.parametrize(
    ("config", "production"),
    [
        ({}, False),
        ({"it:production": "false"}, False),
        ({"it:production": "true"}, True),
        ({"it:production": "***"}, True),
    ],
)
def test_the_plans_config_says_whether_it_is_production(
    tmp_path: Path, config: dict[str, str], production: bool
) -> None:
    """Nothing but the Plan is asked; what is kept secret counts as yes."""
    database = replace(DATABASE, urn="urn:pulumi:dev::it::aws:rds/instance:Instance::db")
    plan = Plan("dev", (database,), {}, config={"it:other": "a", **config})
    found = {one.policy for one in judge_plan(plan, tmp_path).violations}
    assert ("aws-rds-deletion-protection" in found) is production
