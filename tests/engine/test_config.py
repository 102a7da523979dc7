"""A stack's config as the real engine hands it on, beside what `berth preview` makes of the same file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from berth.config import load

from .cli import Checkout

pytestmark = pytest.mark.engine

STACK_FILE = """\
config:
  aws:region: us-east-1
  berth:backend: ecs-fargate
  own: &common {yes: no, on: off, y: ~}
  berth:config:two: 08080
  x:texts: [1:30, 0o8, "0644", 1_0_0x, .5.5, =, 0x, +, "true", 'null', 1e999]
  x:numbers: [0o17, 017, 0x1F, 0b11, 1_000, +5, -0.5, .5, 1e3, 1.30, 123456789012345678901]
  x:constants: [true, True, FALSE, null, ~, Null]
  x:keys: {1: a, 1.5: b, true: c, "": d}
  x:merged: {<<: *common, on: other, z: [*common]}
  x:nothing:
  x:folded: >-
    a
    b
  x:accents: é ☃ <&>
"""


@pytest.fixture
def checkout(providers: str, tmp_path: Path) -> Checkout:
    """Give a copy of the project whose stack `odd` has no file yet."""
    checkout = Checkout(tmp_path, providers)
    checkout.pulumi("stack", "init", "odd")
    return checkout


def test_the_config_is_what_the_engine_makes_of_the_file(checkout: Checkout) -> None:
    """Each value, as text or JSON."""
    (checkout.root / "Pulumi.odd.yaml").write_text(STACK_FILE)
    run = checkout.pulumi("config", "--json", "--stack", "odd")
    assert run.code == 0, run.output
    told = json.loads(run.output[run.output.index("{") : run.output.rindex("}") + 1])
    ours = load(checkout.root, "odd").values
    for key, entry in told.items():
        if "objectValue" in entry:
            assert json.loads(ours[key]) == entry["objectValue"], key
        else:
            assert ours[key] == entry["value"], key
    written = {key for key in ours if not key.startswith("berth:")} | {"berth:backend", "berth:own", "berth:two"}
    assert written <= told.keys()


@pytest.mark.parametrize(
    "text", ["config: {x:a: 1, x:a: 2}\n", "- a\n", "config:\n\tx:a: 1\n", "config: {x:a: {b: 1, b: 2}}"]
)
def test_what_is_refused_here_the_engine_refuses(checkout: Checkout, text: str) -> None:
    """A key twice, a list, a tab."""
    (checkout.root / "Pulumi.odd.yaml").write_text(text)
    assert checkout.pulumi("config", "--stack", "odd").code != 0


def test_a_misspelt_section_is_refused_although_the_engine_tells_the_program_nothing_of_it(checkout: Checkout) -> None:
    """`confg:` beside `config:`."""
    checkout.pulumi("config", "set", "aws:region", "us-east-1", "--stack", "odd")
    checkout.pulumi("config", "set", "backend", "ecs-fargate", "--stack", "odd")
    # Beside the salt: where that is missing the engine writes the file anew, and drops what it does not know.
    with (checkout.root / "Pulumi.odd.yaml").open("a") as file:
        file.write("confg:\n  berth:production: true\n")
    run = checkout.pulumi("preview", "--stack", "odd")
    assert run.code != 0
    assert "Did you mean config?" in run.output and "1. confg" in run.output
    assert "Traceback" not in run.output
