"""Choice of zones."""

from __future__ import annotations

import pulumi
import pytest

from components.network import choose_zones


def test_first_zones_are_taken() -> None:
    assert choose_zones(["a", "b", "c"], 2, "eu-central-1") == ["a", "b"]


def test_too_few_zones_are_explained() -> None:
    with pytest.raises(pulumi.RunError, match=r"berth:network\.zones: 3 given, but us-west-1 has 2 .*at most 2"):
        choose_zones(["us-west-1a", "us-west-1c"], 3, "us-west-1")
