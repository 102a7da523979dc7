"""The oracle, one process for all tests."""

from collections.abc import Iterator

import pytest

from .build import binary
from .upstream import Oracle


@pytest.fixture(scope="session")
def oracle() -> Iterator[Oracle]:
    """Give upstream's evaluator."""
    with Oracle(binary()) as running:
        yield running
