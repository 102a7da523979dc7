"""The oracles, one process each for all tests."""

from collections.abc import Iterator

import pytest

from .build import DOCKERFILES, PODS
from .dockerfiles import BuildKit
from .upstream import Oracle


@pytest.fixture(scope="session")
def oracle() -> Iterator[Oracle]:
    """Give Kubernetes' evaluator."""
    with Oracle(PODS.binary()) as running:
        yield running


@pytest.fixture(scope="session")
def buildkit() -> Iterator[BuildKit]:
    """Give BuildKit's frontend."""
    with BuildKit(DOCKERFILES.binary()) as running:
        yield running
