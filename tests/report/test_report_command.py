"""``berth report``, ``cost``, ``compare`` and ``diagrams`` as a user calls them, on this project's stacks."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from berth.cost.change import price_change
from berth.cost.estimate_view import section as price
from berth.plan import Plan
from tests.report.browser import Browser
from tests.report.plans import resource
from tests.report.test_browser import NAMES, SEEN, STATUS

ROOT = Path(__file__).resolve().parents[2]
STACKS = ("ecs-fargate-dev", "ecs-ec2-dev", "eks-dev")
PULL_REQUEST_LIMIT = 65_000

needs_graphviz = pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")


def berth(*arguments: str, root: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "berth", *arguments, "-C", str(root)]
    variables = {**os.environ, **environment}
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env=variables)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    done = berth("report", *STACKS, "--base", "HEAD", "-o", str(folder))
    assert done.returncode == 0, done.stderr
    return folder


def test_the_comment_fits_and_says_price_findings_and_difference(written: Path) -> None:
    text = (written / "summary.md").read_text()
    assert text.startswith("<!-- berth report -->")
    assert len(text) < PULL_REQUEST_LIMIT
    for word in (*STACKS, "USD a month", "aws-api-route-authorized", "unchanged"):
        assert word in text


def test_the_page_asks_for_nothing_from_elsewhere(written: Path) -> None:
    page = (written / "index.html").read_text()
    assert "default-src 'none'" in page
    assert 'src="http' not in page
    assert page.count("<link") == page.count('<link rel="icon" href="data:,">') == 1


@pytest.mark.browser
@needs_graphviz
def test_in_chromium_all_stacks_can_be_searched_and_seen(browser: Browser, written: Path) -> None:
    browser.look()
    browser.open(written / "index.html")
    for stack in STACKS:
        browser.run(f"document.getElementById('stack-{stack}-tab').click()")
        widths = browser.run(
            f"[...document.querySelectorAll('.panel:not([hidden]) img')].filter({SEEN}).map(i => i.naturalWidth)"
        )
        # Platform, application, and a picture for each use case of the service.
        assert len(widths) >= 5 and all(widths)
    browser.press("/")
    browser.type("NodePool")
    assert browser.run(STATUS).startswith("2 of ")  # the pool, and the cluster that names pools
    assert "nodepool/services" in browser.run(NAMES)
    assert browser.complaints == []


def test_cost_lists_what_has_no_price() -> None:
    done = berth("cost", *STACKS, "--requests", "10000000", "--json")
    assert done.returncode == 0, done.stderr
    estimates = {one["stack"]: one for one in json.loads(done.stdout)["estimates"]}
    assert tuple(estimates) == STACKS
    assert all(one["unpriced"] and not one["complete"] for one in estimates.values())
    assert "Container Insights" in berth("cost", "ecs-fargate-dev").stdout


def test_compare_says_what_a_backend_cannot_do() -> None:
    done = berth("compare", "ecs-fargate-dev", "eks-dev")
    assert done.returncode == 0, done.stderr
    assert "What ecs-fargate cannot do" in done.stdout and "minutes of `up`" in done.stdout


def test_diagrams_as_mermaid_need_nothing(tmp_path: Path) -> None:
    done = berth("diagrams", "eks-dev", "--format", "mermaid", "-o", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "flowchart" in (tmp_path / "diagrams.md").read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("cost", "nostack"), "There is no stack 'nostack'"),
        (("cost", "dev", "--hours", "many"), "not a number"),
        (("cost", "dev", "--hours", "9999"), "744"),
        (("compare", "dev", "dev"), "more than once"),
        (("diagrams", "dev", "--format", "gif"), "allowed are svg, png, mermaid"),
    ],
)
def test_errors_are_explained(arguments: tuple[str, ...], said: str) -> None:
    done = berth(*arguments)
    assert done.returncode == 2
    assert said in done.stderr and "Traceback" not in done.stderr


def test_a_region_without_a_price_list_loses_the_price_and_nothing_else(tmp_path: Path) -> None:
    plan = Plan("far", (resource("bucket"),), {}, config={"aws:region": "af-south-1"})
    assert price(plan).headline == "not known"
    assert price_change(plan, plan).startswith("not known: There is no price list for af-south-1")


def test_what_is_missing_in_the_page_is_said_on_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: small\nruntime: python\n")
    (tmp_path / "__main__.py").write_text("")
    for stack in ("one", "two"):
        (tmp_path / f"Pulumi.{stack}.yaml").write_text("config:\n  aws:region: xx-nowhere-1\n")
    # Without any program on the path there is no Graphviz.
    done = berth("report", "one", "two", "-o", str(tmp_path / "report"), root=tmp_path, PATH=str(tmp_path))
    assert done.returncode == 0, done.stderr
    # Each once, for both stacks.
    assert done.stderr.count("Install it (Debian and Ubuntu: apt-get install graphviz") == 1
    assert done.stderr.count("There is no price list for xx-nowhere-1") == 1
    for file in ("index.html", "summary.md"):
        assert "apt-get install graphviz" in (tmp_path / "report" / file).read_text()
