"""Every type that a stack of this program plans has a record, and a record is whole."""

from __future__ import annotations

import pytest

from berth.plan import Plan
from berth.resource_types import PRICES, RESOURCE_TYPES, known
from berth.resource_types.resource_type import ESTIMATE, NO_TIME, Free
from tests.diagrams.regenerate import STACKS

NOTHING_REPLACES = {"aws:ec2/internetGateway:InternetGateway"}
"""It has no property that could not be changed but its VPC, to which it is attached anew."""


def missing(plan: Plan) -> set[str]:
    """Return the planned types that have no record, or none that says where they are drawn."""
    types = {resource.type for resource in plan.resources if resource.custom or resource.remote}

    def is_drawn(token: str) -> bool:
        return token in RESOURCE_TYPES and bool(RESOURCE_TYPES[token].look or RESOURCE_TYPES[token].moored)

    return {token for token in types if not is_drawn(token)}


@pytest.mark.parametrize("stack", STACKS)
def test_every_planned_type_has_a_record(plans: dict[str, Plan], stack: str) -> None:
    assert missing(plans[stack]) == set()


def test_every_type_of_a_rich_stack_has_a_record(rich: Plan) -> None:
    assert missing(rich) == set()


@pytest.mark.parametrize("stack", STACKS)
def test_every_planned_type_says_what_replaces_it(plans: dict[str, Plan], stack: str) -> None:
    types = {item.type for item in plans[stack].resources if item.custom and item.type.startswith("aws:")}
    assert {token for token in types if RESOURCE_TYPES[token].replaced_by is None} <= NOTHING_REPLACES


def test_every_time_has_a_source_and_a_range() -> None:
    for minutes in (kind.minutes for kind in RESOURCE_TYPES.values()):
        assert minutes.low <= minutes.high
        assert minutes.source == ESTIMATE or minutes.source.startswith("https://")


def test_each_token_and_each_price_stands_once() -> None:
    from berth import resource_types

    modules = [module for module in vars(resource_types).values() if hasattr(module, "TYPES")]
    assert sum(len(module.TYPES) for module in modules) == len(RESOURCE_TYPES)
    assert sum(len(getattr(module, "PRICES", ())) for module in modules) == len(PRICES)


def test_a_package_says_what_holds_for_all_of_its_types() -> None:
    other = known("random:index/randomPet:RandomPet")
    assert other is not None
    assert isinstance(other.charges, Free)
    assert other.minutes == NO_TIME
    assert known("kubernetes:batch/v1:Job") is not None
    assert known("aws:sqs/queue:Queue") is None
