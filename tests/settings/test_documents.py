"""Every stack file that a page shows can be used as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from components.settings import parse
from tests.programs import ROOT

# The reference shows a file with mistakes as well, and has a test of its own.
PAGES = [ROOT / "README.md", *sorted({*(ROOT / "docs").glob("*.md")} - {ROOT / "docs" / "configuration.md"})]
EXAMPLES = [
    pytest.param(block, id=f"{page.name}-{number}")
    for page in PAGES
    for number, block in enumerate(re.findall(r"```yaml\n(.*?)```", page.read_text(), re.DOTALL))
    if re.search("^config:", block, re.MULTILINE) and "aws:region" in block
]


@pytest.mark.parametrize("text", EXAMPLES)
def test_a_stack_file_on_a_page_can_be_used(text: str, tmp_path: Path) -> None:
    config = yaml.safe_load(text)["config"]
    services = [config.get("berth:service", {}), *config.get("berth:services", {}).values()]
    contexts = {one["context"] for one in services if "context" in one}
    for context in contexts:
        (tmp_path / context).mkdir(parents=True)
        (tmp_path / context / "Dockerfile").write_text("FROM scratch\n")
    parse("shop", config, tmp_path if contexts else ROOT)


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 2
