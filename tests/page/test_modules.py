"""The page's modules that need no browser, under Node's own test runner."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from tests.page.processes import ROOT

OLDEST = 18
"""The first Node with a test runner; the page itself is for browsers, not for Node."""


def test_the_modules_do_what_their_tests_say() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no node")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(version.removeprefix("v").split(".")[0]) < OLDEST:
        pytest.skip(f"node {version} has no test runner; {OLDEST} has")
    files = sorted(str(file) for file in (ROOT / "tests/page/js").glob("*.test.js"))
    done = subprocess.run([node, "--test", *files], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    # A runner that found nothing would be content, too.
    assert "# fail 0" in done.stdout or "fail 0" in done.stdout
    assert len(files) >= 2 and "pass 0" not in done.stdout
