"""``docs/daily.md`` lists every right that the commands need, and none that they do not."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import botocore.session

from tests.programs import ROOT

PAGE = (ROOT / "docs" / "daily.md").read_text()
OF_COMMANDS = {"eks:DescribeCluster", "ecs:ExecuteCommand"}
"""What ``aws eks update-kubeconfig`` and ``aws ecs execute-command`` call."""
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


def test_the_page_shows_every_command_that_asks_what_runs() -> None:
    shown = set(re.findall(r"^berth ([a-z]+) prod", PAGE, re.MULTILINE))
    assert shown == {"logs", "status", "shell", "run"}
