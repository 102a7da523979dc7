"""Pulumi.yaml, the stack files and docs/configuration.md say what the models say."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from components.config.reading import all_paths, fields_of, find_field, nested_model
from components.settings import SETTINGS, SettingsError, parse

ROOT = Path(__file__).parents[2]
STACKS = {
    "beanstalk-dev": "beanstalk",
    "lambda-dev": "lambda",
    "dev": "ecs-fargate",
    "ecs-fargate-dev": "ecs-fargate",
    "ecs-ec2-dev": "ecs-ec2",
    "eks-dev": "eks",
}


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("config_reference", ROOT / "scripts" / "config_reference.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def project_file() -> dict[str, Any]:
    document = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())
    assert isinstance(document, dict)
    return document


def test_what_is_written_is_up_to_date(script: ModuleType) -> None:
    for path, text in script.outputs().items():
        assert path.read_text() == text, f"{path.name} is not up to date: run python scripts/config_reference.py"


def test_the_project_is_what_the_engine_wants(project_file: dict[str, Any]) -> None:
    assert project_file["name"] == "berth"
    assert project_file["runtime"] == {"name": "python", "options": {"toolchain": "uv", "virtualenv": ".venv"}}


def test_every_key_stands_in_the_project_file(project_file: dict[str, Any]) -> None:
    config = project_file["config"]
    assert set(config) == {"aws:defaultTags", *(f"berth:{name}" for name in fields_of(SETTINGS) if name != "region")}
    for path in all_paths(SETTINGS):
        section, _, key = path.partition(".")
        if section == "region":
            continue
        entry = config[f"berth:{section}"]
        assert entry["type"] in {"string", "boolean", "object", "array"}
        assert not key or f"- {key} (" in " ".join(entry["description"].split())


def test_a_key_without_a_default_is_one_that_the_engine_must_ask_for(project_file: dict[str, Any]) -> None:
    required = {name for name, field in fields_of(SETTINGS).items() if field.is_required()} - {"region"}
    without = {key for key, entry in project_file["config"].items() if not {"default", "value"} & entry.keys()}
    assert without == {f"berth:{name}" for name in required} == set(), (
        "one of two keys names the berths, and the engine knows no or"
    )


def test_the_engines_defaults_are_the_models(project_file: dict[str, Any], project: Path) -> None:
    """What the engine fills in changes nothing: the same settings with it as without."""
    defaults = {
        key: default if isinstance(default := entry["default"], str) else json.dumps(default)
        for key, entry in project_file["config"].items()
        if "default" in entry
    }
    three_lines = {"aws:region": "us-east-1", "berth:backend": "eks"}
    assert parse("dev", {**defaults, **three_lines}, project) == parse("dev", three_lines, project)


@pytest.mark.parametrize(("stack", "backend"), STACKS.items())
def test_the_stack_files_are_three_lines_that_work(stack: str, backend: str, project: Path) -> None:
    text = (ROOT / f"Pulumi.{stack}.yaml").read_text()
    assert len(text.splitlines()) == 3
    assert parse(stack, yaml.safe_load(text)["config"], project).berths == {backend: 100}


def test_the_reference_names_every_key() -> None:
    text = (ROOT / "docs" / "configuration.md").read_text()
    for path in all_paths(SETTINGS):
        section, _, key = path.partition(".")
        name = key or ("aws:region" if section == "region" else f"berth:{section}")
        field = find_field(SETTINGS, path)
        assert field
        heading = not key and nested_model(field)
        assert (f"## {name}\n" if heading else f"| `{name}` |") in text


def test_examples_of_the_reference_are_yaml_of_known_keys(project: Path) -> None:
    text = (ROOT / "docs" / "configuration.md").read_text()
    blocks = [block.partition("```")[0] for block in text.split("```yaml\n")[1:]]
    assert len(blocks) >= 9
    for block in blocks[2:-1]:
        try:
            parse("dev", {"aws:region": "us-east-1", "berth:backend": "eks", **yaml.safe_load(block)}, project)
        except SettingsError as error:
            assert "There is no such key" not in str(error)
