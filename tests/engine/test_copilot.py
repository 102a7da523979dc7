"""An application of five services that came from AWS Copilot lives its life under the real engine, at every berth."""

from __future__ import annotations

import json
import shutil

import pytest

from berth.importing.check import problems
from berth.importing.copilot.application import load
from berth.importing.copilot.carry import stacks
from berth.importing.stack_file import text
from components.berths.registry import BERTHS
from tests.importing.page import commands

from . import findings
from .cli import PROJECT, Checkout
from .life import Life
from .standin.invokes import SECRET_VALUE

pytestmark = pytest.mark.engine

APPLICATION = PROJECT / "tests/importing/copilot-app"
TWO = "{ecs-fargate: 90, eks: 10}"
SERVICES = {"orders", "packer", "payments", "report", "storefront"}


@pytest.fixture(scope="module", params=[*(name for name, one in BERTHS.items() if "job" in one.kinds), TWO])
def life(request: pytest.FixtureRequest, providers: str, tmp_path_factory: pytest.TempPathFactory) -> Life:
    checkout = Checkout(tmp_path_factory.mktemp("kiosk"), providers)
    shutil.copytree(APPLICATION, checkout.root / "kiosk")
    backend = "ecs-fargate" if request.param == TWO else request.param
    [stack] = stacks(load(checkout.root / "kiosk"), checkout.root, ["test"], backend, "eu-central-1", None)
    assert problems(stack, checkout.root, "berth") == ""
    (checkout.root / "Pulumi.test.yaml").write_text(text(stack))
    if request.param == TWO:
        checkout.edit("Pulumi.test.yaml", f"berth:backend: {backend}", f"berth:berths: {TWO}")
    init, up = commands("pulumi")  # as the page "From Copilot" has them
    checkout.pulumi(*init)
    return Life(
        first=checkout.preview(),
        up=checkout.pulumi(*up, "--yes", "--skip-preview", logged=True),
        again=checkout.preview("--expect-no-changes"),
        end=checkout.pulumi("destroy", "--yes", "--skip-preview"),
    )


def test_it_comes_up_stays_and_goes(life: Life) -> None:
    life.judge()


def test_each_service_has_its_containers_which_the_first_preview_shows(life: Life) -> None:
    shown = findings.containers(life.first)
    names = {container["name"] for containers in shown.values() for container in containers}
    assert SERVICES | {"agent"} <= names
    assert set(shown) == set(findings.containers(life.up))
    for urn in shown:
        assert any("non-root" in rule for rule in life.first.passed[urn]), urn


def test_only_who_answers_has_a_target_group(life: Life) -> None:
    made = [urn.rpartition("::")[2] for urn in life.up.inputs if "targetGroup:TargetGroup" in urn]
    assert made and not [name for name in made if "packer" in name or "report" in name]


def test_secrets_are_named_and_never_shown(life: Life) -> None:
    for command, run in vars(life).items():
        assert SECRET_VALUE not in run.output and SECRET_VALUE not in json.dumps(run.events), command
    everything = json.dumps(life.up.inputs)
    assert all(name in everything for name in ("BANK_TOKEN", "BANK_PASSWORD", "AGENT_KEY"))
