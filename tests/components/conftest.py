"""Plans of the project's own program, one for each backend, with everything else the same."""

from __future__ import annotations

import pytest

from berth.plan import Plan
from components.berths.registry import BERTHS
from tests.programs import Record, recorder

BACKENDS = tuple(BERTHS)


@pytest.fixture(scope="session")
def record(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """Record the program under a stack file of the test's own, always as the stack ``same``."""
    return recorder(tmp_path_factory)


@pytest.fixture(scope="session")
def plans(record: Record) -> dict[str, Plan]:
    """One plan a backend."""
    return {backend: record(backend) for backend in BACKENDS}
