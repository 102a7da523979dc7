"""What runs for a pull request says everything, and nothing twice."""

from __future__ import annotations

from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]


def test_each_different_stack_is_previewed_once() -> None:
    configs = {
        file.name.removeprefix("Pulumi.").removesuffix(".yaml"): str(yaml.safe_load(file.read_text()))
        for file in ROOT.glob("Pulumi.*.yaml")
    }
    workflow = yaml.safe_load((ROOT / ".github/workflows/preview.yml").read_text())
    for stacks in (workflow["env"]["STACKS"].split(), workflow["jobs"]["engine"]["strategy"]["matrix"]["stack"]):
        shown = [configs[stack] for stack in stacks]
        assert sorted(shown) == sorted(set(configs.values()))
