"""Who a `user` string is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.rules.users import User, resolve

from .cases.ecs import ROOT_SPELLINGS


@pytest.mark.parametrize("user", ROOT_SPELLINGS)
def test_root_in_every_spelling(user: str) -> None:
    assert resolve(user) is User.ROOT


@pytest.mark.parametrize("user", ["app", "app:0", "1", "+10001", "10001:0", "007", "2147483647", "_apt", "svc$"])
def test_others(user: str) -> None:
    assert resolve(user) is User.OTHER


@pytest.mark.parametrize("user", ["-1", "2147483648", "0x0", "1 2", "\u0660", "a b", "$USER", "root\u200b"])
def test_what_is_no_user(user: str) -> None:
    assert resolve(user) is User.INVALID


def test_an_alias_is_root() -> None:
    assert resolve("boss", {"boss"}) is User.ROOT
    assert resolve("boss:app", {"boss"}) is User.ROOT


@given(st.text(alphabet="0+- \t", max_size=6), st.text(max_size=4))
def test_no_spelling_of_zero_gets_through(name: str, group: str) -> None:
    assert resolve(f"{name}:{group}") is not User.OTHER
