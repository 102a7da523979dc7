"""The steps of a move are percentages, and the berths left behind keep their proportion."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from berth.errors import ConfigError
from berth.move.steps import STEPS, parse_steps, weights_at


def test_steps_are_percentages() -> None:
    assert parse_steps(STEPS) == (1, 10, 50, 100)
    assert parse_steps(" 5, 100") == (5, 100)
    assert parse_steps("100") == (100,)


@pytest.mark.parametrize(
    "text", ["", "ten,100", "0,100", "50,10,100", "10,10,100", "1,10", "10,101", "-1,100", "1.5,100"]
)
def test_steps_that_do_not_lead_to_the_whole_are_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="Example: --steps 1,10,50,100"):
        parse_steps(text)


@pytest.mark.parametrize(
    ("before", "percent", "expected"),
    [
        ({"a": 100}, 0, {"a": 100, "to": 0}),
        ({"a": 999}, 1, {"a": 99, "to": 1}),
        ({"a": 90, "b": 10}, 50, {"a": 45, "b": 5, "to": 50}),
        ({"a": 90, "b": 10}, 1, {"a": 89, "b": 10, "to": 1}),
        ({"a": 1, "b": 0}, 50, {"a": 50, "b": 0, "to": 50}),
        ({"a": 1, "b": 1, "to": 8}, 100, {"a": 0, "b": 0, "to": 100}),
    ],
)
def test_the_others_share_the_rest_as_before(before: dict[str, int], percent: int, expected: dict[str, int]) -> None:
    assert weights_at(before, "to", percent) == expected


@given(
    st.dictionaries(st.sampled_from("abcd"), st.integers(0, 999), min_size=1).filter(
        lambda before: any(before.values())
    ),
    st.integers(0, 100),
)
def test_weights_add_up_and_who_had_none_gets_none(before: dict[str, int], percent: int) -> None:
    found = weights_at(before, "to", percent)
    assert sum(found.values()) == 100 and found["to"] == percent
    whole = sum(before.values())
    for name, weight in before.items():
        assert abs(found[name] - (100 - percent) * weight / whole) < 1
        assert weight or not found[name]
