"""The table of what runs code is held to the providers' own lists of their resources."""

from __future__ import annotations

import importlib
import inspect
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from policy.judge import judge
from policy.rules.registry import rules_for
from policy.rules.workloads import IMAGES_ONLY, JUDGED, MACHINES, UNJUDGED

from .support import Planned

KNOWN = JUDGED.keys() | MACHINES.keys() | UNJUDGED | {IMAGES_ONLY}
# Inputs that say what to run: an image, a script, a command, a definition of containers.
RUNS = re.compile(
    r"image|image_uri|user_data|user_data_base64|containers?|container_(definitions|properties|recipe_arn)|primary_container"
    r"|build_?spec|script_id|command|bootstrap_actions|dockerfile\w*|release_label|image_configuration|task_spec|build"
)
# A container of its kind is a file format.
NOTHING = {"aws:elastictranscoder/preset:Preset"}


def _resources(package: str) -> Iterator[tuple[str, set[str]]]:
    """Yield each resource of a provider's SDK with the names of its inputs, from the SDK's sources: fast enough."""
    module = importlib.import_module(package)
    folder = Path(inspect.getfile(module)).parent
    (listed,) = re.findall(r'resource_modules="""(.*?)"""', (folder / "__init__.py").read_text(), re.DOTALL)
    tokens = {name: token for one in json.loads(listed) for token, name in one["classes"].items()}
    by_place = {
        (one["fqn"].removeprefix(package).strip(".").replace(".", "/"), name): token
        for one in json.loads(listed)
        for token, name in one["classes"].items()
    }
    assert len(tokens) > 3
    for file in folder.rglob("*.py"):
        text = file.read_text()
        for name in re.findall(
            r"^class (\w+)\((?:pulumi\.CustomResource|pulumi\.ComponentResource)\)", text, re.MULTILINE
        ):
            token = by_place.get((file.parent.relative_to(folder).as_posix().removeprefix("."), name))
            if token:
                yield token, set(re.findall(r"^ +(\w+): '?(?:Optional\[)?'?pulumi\.Input\[", text, re.MULTILINE))


@pytest.mark.parametrize(("package", "least"), [("pulumi_aws", 1500), ("pulumi_docker", 6)])
def test_every_type_that_says_what_to_run_is_in_the_table(package: str, least: int) -> None:
    resources = dict(_resources(package))
    assert len(resources) >= least
    provider = package.removeprefix("pulumi_")
    gone = {one for one in KNOWN if one.startswith(f"{provider}:")} - resources.keys()
    assert gone == set(), "not in the provider's list"
    running = {token for token, inputs in resources.items() if any(map(RUNS.fullmatch, inputs))}
    assert running & KNOWN, "the inputs are not found any more"
    assert running - KNOWN - NOTHING == set()
    assert not NOTHING & KNOWN


def test_a_type_is_named_once_and_each_of_several_types() -> None:
    tokens = sorted(UNJUDGED)
    found = judge([Planned(token, name=name) for token in tokens for name in ("b", "a")])
    named = [one.resource for one in found if one.policy == "pack-nothing-unjudged"]
    assert sorted(named) == sorted(Planned(token, name="a").urn for token in tokens)


def test_what_is_said_to_be_judged_has_rules_that_look_at_it() -> None:
    for token, what in JUDGED.items():
        if what.rpartition("; ")[2].startswith("judged"):
            assert rules_for(token), token
    assert all(len(rules_for(token)) == 1 for token in UNJUDGED), "a rule looks at it: it is judged"
