"""What tests of more than one part share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.report.browser import Browser, executable


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, with one page; a test without it is skipped."""
    program = executable()
    if program is None:
        pytest.skip("there is no chromium")
    opened = Browser(program)
    yield opened
    opened.close()
