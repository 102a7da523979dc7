from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.page.processes import Service, served, uv
from tests.page.shown import Shown
from tests.report.browser import Browser

HERE = Path(__file__).parent


@pytest.fixture
def shown(browser: Browser) -> Shown:
    browser.look()
    return Shown(browser)


@pytest.fixture(scope="session")
def need_uv() -> None:
    if uv() is None:
        pytest.skip("there is no uv to start the service with")


@pytest.fixture(scope="session")
def both(need_uv: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Service, str]]:
    """One API and one page for every test that stops neither; each test has users of its own."""
    with served(tmp_path_factory.mktemp("service")) as started:
        yield started


@pytest.fixture
def service(both: tuple[Service, str]) -> Service:
    return both[0]


@pytest.fixture
def page(both: tuple[Service, str]) -> str:
    return both[1]


@pytest.fixture(scope="session")
def axe() -> str:
    """The script of axe-core; installed once a checkout, in the version of package-lock.json."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("there is no npm to install axe-core with")
    script = HERE / "node_modules/axe-core/axe.min.js"
    lock = HERE / "node_modules/.package-lock.json"
    if not script.exists() or lock.stat().st_mtime < (HERE / "package-lock.json").stat().st_mtime:
        done = subprocess.run(
            [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=HERE, capture_output=True, text=True
        )
        if done.returncode:
            pytest.skip(f"npm cannot install axe-core: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}")
    return script.read_text()
