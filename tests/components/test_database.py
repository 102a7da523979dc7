"""The database in the plans: what RDS and SSM take, what ends with it, and who may do what in it."""

from __future__ import annotations

import pytest

from berth.plan import Plan, Resource
from tests.components.conftest import BACKENDS
from tests.programs import Record


def instance(plan: Plan) -> Resource:
    [found] = plan.of_type("aws:rds/instance:Instance")
    return found


@pytest.mark.parametrize(
    ("config", "most"),
    [("{storageGib: 100}", None), ("{storageGib: 100, maxStorageGib: 110}", 110), ("{storageGib: 50}", 100)],
)
def test_storage_that_may_not_grow_has_no_maximum(record: Record, config: str, most: int | None) -> None:
    """CreateDBInstance refuses a MaxAllocatedStorage that is not above AllocatedStorage."""
    inputs = instance(record("ecs-fargate", f"  berth:database: {config}\n")).inputs
    assert inputs.get("maxAllocatedStorage") == most


@pytest.mark.parametrize("backend", BACKENDS)
def test_passwords_are_letters_and_digits(plans: dict[str, Plan], backend: str) -> None:
    """SSM refuses ``{{``, RDS ``/@"``, and a URL, a shell or an env file reads most other signs in its own way."""
    passwords = plans[backend].of_type("random:index/randomPassword:RandomPassword")
    assert passwords
    for password in passwords:
        assert password.inputs["special"] is False and password.inputs["length"] >= 40
