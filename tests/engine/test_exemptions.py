"""What a configuration excuses or puts off, under the real engine: the canonical program of the ECS documentation."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from .cli import Checkout, Run
from .unknown_cases import STACK, write_program

pytestmark = pytest.mark.engine

PROGRAM = """\
import pulumi
import pulumi_aws as aws

repository = aws.ecr.Repository("app", image_tag_mutability="IMMUTABLE")
aws.ecs.TaskDefinition(
    "app",
    family="app",
    network_mode="awsvpc",
    requires_compatibilities=["FARGATE"],
    container_definitions=pulumi.Output.json_dumps(
        [{"name": "app", "image": repository.repository_url.apply(lambda url: f"{url}:1"), "user": "%s"}]
    ),
)
"""
PUT_OFF = {"unknownAtPreview": "advisory"}


@pytest.fixture
def checkout(providers: str, tmp_path: Path) -> Checkout:
    """Give a stack of the canonical program, whose container is root."""
    made = Checkout(tmp_path, providers)
    write_program(made.root, [])
    _write(made, "0")
    made.pulumi("stack", "init", STACK)
    return made


def _write(checkout: Checkout, user: str) -> None:
    (checkout.root / "__main__.py").write_text(PROGRAM % user)


def _run(checkout: Checkout, command: str, **settings: object) -> Run:
    (checkout.root / "policy-config.json").write_text(json.dumps({"pack-exemptions": settings}))
    arguments = ["--policy-pack", "policy", "--policy-pack-config", "policy-config.json"]
    return checkout.pulumi(command, *(["--yes"] if command == "up" else []), *arguments, logged=True)


def _levels(run: Run, rule: str) -> set[str]:
    return {one.level for one in run.verdicts if one.rule == rule}


def test_a_first_preview_may_pass_and_up_decides(checkout: Checkout) -> None:
    plain = _run(checkout, "preview")
    assert plain.code != 0, plain.output
    assert _levels(plain, "ecs-non-root") == {"mandatory"}, plain.output
    preview = _run(checkout, "preview", **PUT_OFF)
    assert preview.code == 0, preview.output
    assert _levels(preview, "ecs-non-root") == {"advisory"}
    assert "by unknownAtPreview of pack-exemptions" in preview.output
    # Root is refused when its value is there, before the task definition is made.
    up = _run(checkout, "up", **PUT_OFF)
    assert up.code != 0
    assert [one.message for one in up.verdicts if one.rule == "ecs-non-root" and one.level == "mandatory"]
    state = json.loads(checkout.pulumi("stack", "export").output)["deployment"].get("resources", [])
    assert "aws:ecs/taskDefinition:TaskDefinition" not in {one["type"] for one in state}
    _write(checkout, "10001:10001")
    fine = _run(checkout, "up", **PUT_OFF)
    assert fine.code == 0, fine.output


def test_an_exemption_is_listed_and_ends(checkout: Checkout) -> None:
    today = datetime.now(UTC).date()
    one = {"rules": ["ecs-non-root"], "container": "app", "reason": "It is being replaced."}
    fine = _run(checkout, "up", **PUT_OFF, exemptions=[one | {"expires": today.isoformat()}])
    assert fine.code == 0, fine.output
    assert "breaks ecs-non-root and is exempt until" in fine.output
    assert "It is being replaced." in fine.output
    over = _run(checkout, "preview", exemptions=[one | {"expires": (today - timedelta(days=1)).isoformat()}])
    assert over.code != 0
    assert _levels(over, "ecs-non-root") == {"mandatory"}
    assert "ended on" in over.output
    useless = _run(checkout, "preview", exemptions=[one | {"container": "ap", "expires": today.isoformat()}])
    assert "matches nothing that a rule found" in useless.output
