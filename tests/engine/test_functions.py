"""A stack on Lambda alone goes up under the real engine, and a function that becomes root is refused."""

import json
from pathlib import Path

import pytest

from . import findings
from .cli import Checkout

pytestmark = pytest.mark.engine
STACK = "functions"
FUNCTION = "aws:lambda/function:Function"


@pytest.fixture
def checkout(providers: str, tmp_path: Path) -> Checkout:
    """Give a copy of the project with a stack on Lambda."""
    found = Checkout(tmp_path, providers)
    config = "config:\n  aws:region: us-east-1\n  berth:backend: lambda\n"
    (found.root / f"Pulumi.{STACK}.yaml").write_text(config)
    found.pulumi("stack", "init", STACK)
    return found


def test_a_stack_of_functions_goes_up_and_stays_as_it_is(checkout: Checkout) -> None:
    first = checkout.preview()
    assert first.code == 0, first.output
    assert [verdict for verdict in first.verdicts if verdict.level == "mandatory"] == []
    for inputs in findings.of_type(first, FUNCTION):
        assert inputs["imageConfig"]["entryPoints"][0] == "/opt/berth/start"
    up = checkout.pulumi("up", "--yes", "--policy-pack", "policy", logged=True)
    assert up.code == 0, up.output
    secrets = findings.passwords(checkout)
    assert secrets
    shown = json.dumps(findings.of_type(up, FUNCTION))
    assert not [secret for secret in secrets if secret in shown or secret in up.output]
    again = checkout.preview("--expect-no-changes")
    assert again.code == 0, again.output
    # Another password reaches a function at its start only, and the migrations tell the database of it first.
    checkout.edit("components/rooms/database/database.py", "PASSWORD_LENGTH = 40", "PASSWORD_LENGTH = 41")
    rebound = checkout.pulumi("up", "--yes", "--policy-pack", "policy", logged=True)
    assert rebound.code == 0, rebound.output
    changed = findings.changed_types(rebound)
    assert changed[FUNCTION] == {"update"}
    assert changed["aws:lambda/invocation:Invocation"] & {"update", "replace"}


def test_a_function_that_becomes_root_is_refused_at_preview(checkout: Checkout) -> None:
    checkout.edit("components/berths/lambda_/definition.py", '[START, "serve", ', '["/usr/bin/sudo", START, "serve", ')
    run = checkout.preview()
    assert run.code != 0, run.output
    assert any(
        verdict.level == "mandatory" and "non-root" in verdict.rule and FUNCTION in verdict.resource
        for verdict in run.verdicts
    ), run.output
