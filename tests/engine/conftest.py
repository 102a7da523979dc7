"""Fixtures of the tests that run the real engine."""

import shutil
from collections.abc import Iterator

import pytest

from .cli import standing_in

_NEEDS_CLI = pytest.mark.skipif(shutil.which("pulumi") is None, reason="the pulumi CLI is not on PATH")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what is marked where there is no CLI."""
    for item in items:
        if item.get_closest_marker("engine"):
            item.add_marker(_NEEDS_CLI)


@pytest.fixture(scope="session")
def providers() -> Iterator[str]:
    """Give the addresses of the stand-in providers."""
    with standing_in() as addresses:
        yield addresses
