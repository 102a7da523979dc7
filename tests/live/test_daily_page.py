"""``docs/daily.md`` lists every right that the commands need, and none that they do not."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator

import botocore.session
import pytest

from tests.live.conftest import Commands, Run
from tests.programs import ROOT

PAGE = (ROOT / "docs" / "daily.md").read_text()
PAGES = PAGE + (ROOT / "README.md").read_text()
OF_COMMANDS = {"eks:DescribeCluster", "ecs:ExecuteCommand", "ssm:StartSession"}
"""What ``aws eks update-kubeconfig``, ``aws ecs execute-command`` and ``aws ssm start-session`` call."""
FREE = {"sts:GetCallerIdentity"}
"""Nobody has to be allowed to ask who he is."""


def called() -> Iterator[str]:
    """Yield the IAM action of every call in the code: ``aws.call("ecs", "list_tasks", ...)``."""
    session = botocore.session.get_session()
    for file in (ROOT / "berth" / "live").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "call":
                service, operation = (ast.literal_eval(one) for one in node.args[:2])
                model = session.get_service_model(service)
                names = {re.sub("(?<!^)(?=[A-Z])", "_", name).lower(): name for name in model.operation_names}
                yield f"{model.signing_name}:{names[operation]}"


def test_the_page_lists_the_rights_that_are_needed() -> None:
    actions = {*called(), *OF_COMMANDS} - FREE
    assert len(actions) > 5
    assert set(re.findall(r"`([a-z]+:[A-Z][A-Za-z]+)`", PAGE)) == actions


COMMANDS = re.findall(r"^(?:uv run )?berth ((?:logs|status|shell|run) prod.*?)(?:  +#.*)?$", PAGES, re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_on_a_page_is_understood(run: Run, commands: Commands, command: str) -> None:
    """It gets as far as it can without an account."""
    commands.answer("aws", err="Unable to locate credentials.\n", code=253)
    result = run(*shlex.split(command.replace("prod", "live")))
    assert result.exit_code == 2
    assert result.stderr.startswith(("There are no usable AWS credentials", "ECS Exec is switched off")), result.stderr


def test_the_page_shows_every_command_that_asks_what_runs() -> None:
    shown = set(re.findall(r"^berth ([a-z]+) prod", PAGE, re.MULTILINE))
    assert len(COMMANDS) >= 10
    assert shown == {"logs", "status", "shell", "run"}
