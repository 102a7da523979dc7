"""What starts a workload anew: another version of a secret, and nothing of its value."""

from __future__ import annotations

import asyncio
from typing import Any

import pulumi
import pytest

from components.berths.rollout import secrets_revision
from components.service.spec import Source

CURRENT = {"versionId": "2b", "versionStages": ["AWSCURRENT"]}
PENDING = {"versionId": "3c", "versionStages": ["AWSPENDING"]}


class Account(pulumi.runtime.Mocks):
    """Secrets with their versions."""

    def __init__(self, *versions: dict[str, Any]) -> None:
        self.versions = versions
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        return args.name, {}

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]]]:
        self.asked.append((args.token, args.args))
        if args.token == "aws:ssm/getParameter:getParameter":
            return {"version": 7, "value": "hunter2"}, []
        return {"versions": list(self.versions)}, []


def revision(account: Account) -> str:
    async def ask() -> str:
        pulumi.runtime.set_mocks(account)
        sources = [Source("shop/api-key", "key"), Source(parameter="/shop/token")]
        found = secrets_revision(sources, pulumi.InvokeOutputOptions())
        assert not await found.is_secret()
        return str(await found.future())

    return asyncio.run(ask())


@pytest.mark.parametrize("versions", [(CURRENT, PENDING), (PENDING, CURRENT)])
def test_it_is_the_versions_that_count_now(versions: tuple[dict[str, Any], ...]) -> None:
    account = Account(*versions)
    assert revision(account) == "2b 7"
    [(_, secret), (_, parameter)] = sorted(account.asked)
    assert secret == {"secretId": "shop/api-key"}
    assert parameter == {"name": "/shop/token", "withDecryption": False}


def test_a_rotation_makes_another_word() -> None:
    rotated = Account({**CURRENT, "versionStages": ["AWSPREVIOUS"]}, {**PENDING, "versionStages": ["AWSCURRENT"]})
    assert revision(rotated) == "3c 7" != revision(Account(CURRENT))
