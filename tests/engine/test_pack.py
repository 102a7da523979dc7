"""The pack under the real engine: its configuration, the stack's config, and where it looks for files."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from .cli import Checkout, Run

pytestmark = pytest.mark.engine

STACK = "ecs-fargate-dev"
DOCKERFILE = "services/biometric/Dockerfile"


@pytest.fixture
def checkout(providers: str, tmp_path: Path) -> Checkout:
    """Give a copy of the project with one stack."""
    made = Checkout(tmp_path / "one", providers)
    made.pulumi("stack", "init", STACK)
    return made


def _configured(checkout: Checkout, config: object) -> Run:
    (checkout.root / "policy-config.json").write_text(json.dumps(config))
    return checkout.preview("--policy-pack-config", "policy-config.json")


def _rules(run: Run) -> set[str]:
    return {verdict.rule for verdict in run.verdicts}


def test_a_configuration_is_taken_and_what_no_rule_knows_is_refused(checkout: Checkout) -> None:
    """The CLI itself would take the names in silence."""
    run = _configured(checkout, {"all": "advisory", "ecs-non-root": {"exemptContainers": ["router"]}})
    assert run.code == 0, run.output
    assert {verdict.level for verdict in run.verdicts} <= {"advisory"}
    for config, words in (
        ({"ecs-nonroot": "advisory"}, "ecs-nonroot: no such rule (the nearest is ecs-non-root)"),
        ({"ecs-non-root": {"exempt": ["router"]}}, "no such key: exempt (the nearest is exemptContainers)"),
        ({"ecs-nonroot": {"exemptContainers": []}}, "invalid enforcement level"),
    ):
        run = _configured(checkout, config)
        assert run.code != 0, config
        assert words in run.output


def test_the_engine_and_berth_give_one_verdict(checkout: Checkout) -> None:
    """Rule for rule and word for word, on resources by themselves and on the stack as a whole."""
    checkout.edit("components/rooms/network/network.py", 'traffic_type="ALL"', 'traffic_type="ACCEPT"')
    checkout.edit("components/berths/ecs/definition.py", 'f"{security.uid}:{security.gid}"', '"0"')
    # The copy's own berth: another one would run the modules of its own project.
    preview = subprocess.run(
        [sys.executable, "-m", "berth", "preview", STACK, "--json"], cwd=checkout.root, capture_output=True, check=False
    )
    planned = json.loads(preview.stdout)["violations"]
    ours = {
        (
            one["policy"],
            one["level"],
            one["resource"],
            one["message"],
            f"To mend it: {one['remediation']}",
            f"Answers to: {'; '.join(one['frameworks'])}",
        )
        for one in planned
    }
    run = checkout.preview()
    theirs = {(one.rule, one.level, one.resource, *one.message.split("\n")[1:4]) for one in run.verdicts}
    assert theirs == ours
    assert {"aws-vpc-flow-logs", "ecs-non-root"} <= _rules(run)


def test_the_stacks_config_makes_it_production(checkout: Checkout) -> None:
    """A database without deletion protection is a finding then, and no finding else."""
    checkout.edit(
        "components/rooms/database/database.py",
        "deletion_protection=settings.deletion_protection",
        "deletion_protection=False",
    )
    rule = "aws-rds-deletion-protection"
    assert rule not in _rules(checkout.preview())
    checkout.pulumi("config", "set", "berth:production", "true")
    checkout.pulumi("config", "set", "--path", "berth:accept[0]", "public-api")
    run = checkout.preview()
    assert rule in _rules(run)
    assert run.code != 0
    assert rule not in _rules(_configured(checkout, {rule: {"production": False}}))


def test_a_shell_in_another_checkout_hides_no_root(checkout: Checkout, providers: str, tmp_path: Path) -> None:
    """The Dockerfile that counts is the one of the program that runs, wherever the shell stands and the pack lies."""
    other = Checkout(tmp_path / "other", providers)
    pack = str(other.root / "policy")
    there = ["-C", str(checkout.root)]
    other.pulumi(*there, "stack", "init", STACK)
    fine = other.pulumi(*there, "preview", "--policy-pack", pack, logged=True)
    assert fine.code == 0, fine.output
    checkout.edit(DOCKERFILE, "USER 10001:10001", "USER 0:0")
    wrong = other.pulumi(*there, "preview", "--policy-pack", pack, logged=True)
    assert wrong.code != 0
    assert "docker-image-non-root" in _rules(wrong)
    # The other way round, nothing is wrong with what is built.
    back = ["-C", str(other.root)]
    checkout.pulumi(*back, "stack", "select", STACK, "--create")
    right = checkout.pulumi(*back, "preview", "--policy-pack", "policy", logged=True)
    assert right.code == 0, right.output
