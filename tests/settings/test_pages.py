"""docs/services.md: each example is a config that the program takes; docs/berths.md has all berths."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.berths.registry import BERTHS
from components.config.reading import fields_of
from components.service.settings import ServiceSettings
from components.settings import parse

PAGE = Path(__file__).resolve().parents[2] / "docs" / "services.md"
EXAMPLES = [yaml.safe_load(textwrap.dedent(text)) for text in re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.S)]
IMAGE = {"image": "registry.example.com/shop:1.4.2"}


def config(example: dict[str, Any]) -> dict[str, Any]:
    """Return a whole config: the example's own, or one around its services or around the keys of one."""
    if "config" in example:
        return dict(example["config"])
    alone = example.keys() <= fields_of(ServiceSettings).keys()
    services = {"shop": {**IMAGE, **example}} if alone else {name: {**IMAGE, **one} for name, one in example.items()}
    return {"aws:region": "eu-central-1", "berth:backend": "ecs-fargate", "berth:services": services}


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_is_taken(tmp_path: Path, example: dict[str, Any]) -> None:
    for name in ("shop", "billing", "mail", "report"):
        (tmp_path / "services" / name).mkdir(parents=True)
        (tmp_path / "services" / name / "Dockerfile").touch()
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "app.yaml").touch()
    settings = parse("dev", config(example), tmp_path)
    assert settings.services


def test_every_berth_stands_on_the_page_that_helps_to_choose() -> None:
    text = (PAGE.parent / "berths.md").read_text()
    assert set(re.findall(r"^\| `([a-z0-9-]+)` \|", text, re.M)) == BERTHS.keys()
