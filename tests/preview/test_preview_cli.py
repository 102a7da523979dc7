"""The command line: exit codes, what goes where, and the same bytes every time."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

Berth = Callable[..., "subprocess.CompletedProcess[str]"]


def test_preview_prints_tree_counts_verdicts_and_outputs(berth: Berth) -> None:
    result = berth("preview", "dev")
    assert result.returncode == 0, result.stderr
    out = result.stdout
    assert "\x1b" not in out, "no colour in a pipe"
    order = [
        out.index(text)
        for text in (
            "Shop shop",
            "9 resources in 1 component: 8 aws, 1 far; 1 only read",
            "Policies:",
            "Outputs",
            "the shop has no door",
        )
    ]
    assert order == sorted(order)


def test_json_is_one_object_and_the_same_bytes_in_another_process(berth: Berth) -> None:
    first = berth("preview", "dev", "--json", PYTHONHASHSEED="1")
    second = berth("preview", "dev", "--json", PYTHONHASHSEED="2")
    assert first.returncode == 0, first.stderr
    assert first.stdout == second.stdout
    assert json.loads(first.stdout)["stack"] == "dev"
    assert "a program may print" in first.stderr, "what the program prints is not part of the object"
    assert "warning: the shop has no door" in first.stderr


def test_markdown_names_the_stack(berth: Berth) -> None:
    result = berth("preview", "dev", "--markdown")
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("<!-- berth preview dev -->")


def test_a_mandatory_violation_exits_with_1_and_names_the_place(berth: Berth) -> None:
    result = berth("preview", "root")
    assert result.returncode == 1, result.stderr
    assert "mandatory" in result.stdout
    assert "shop-task" in result.stdout
    assert "__main__.py:" in result.stdout
    violations = json.loads(berth("preview", "root", "--json").stdout)["violations"]
    mandatory = [violation for violation in violations if violation["level"] == "mandatory"]
    assert {violation["resource"].rsplit("::")[-1] for violation in mandatory} == {"shop-task"}


def test_rehearse_stops_at_a_mandatory_violation(berth: Berth) -> None:
    result = berth("rehearse", "root")
    assert result.returncode == 1, result.stderr
    assert "shop-task" in result.stdout


@pytest.mark.parametrize(
    ("stack", "text"),
    [
        ("nope", "Stacks of this project:"),
        ("fail-settings", "toy:replicas: -1 is below 0\n  allowed: 0 to 10\n  example: 2\n"),
        ("fail-missing", "toy:nowhere"),
        ("fail-raise", "ValueError: the shop is closed\nAdd --debug"),
        ("fail-lookup", "aws:ssm/getParameter:getParameter"),
    ],
)
def test_without_a_plan_the_exit_code_is_2_and_the_error_is_text(berth: Berth, stack: str, text: str) -> None:
    result = berth("preview", stack)
    assert result.returncode == 2
    assert text in result.stderr
    assert "Traceback" not in result.stderr
    assert not result.stdout


def test_debug_shows_the_traceback(berth: Berth) -> None:
    result = berth("preview", "fail-raise", "--debug")
    assert result.returncode == 2
    assert "Traceback" in result.stderr


def test_outside_a_project_the_error_is_text(berth: Berth, tmp_path: Path) -> None:
    result = berth("preview", "dev", cwd=tmp_path)
    assert result.returncode == 2
    assert "There is no Pulumi.yaml" in result.stderr


def test_the_directory_can_be_given(berth: Berth, toy: Path, tmp_path: Path) -> None:
    result = berth("stacks", "-C", str(toy), cwd=tmp_path)
    assert result.stdout.split()[:1] == ["dev"]


def test_help_does_not_wait_for_the_sdk() -> None:
    heavy = "('pulumi', 'grpc', 'rich', 'pydantic', 'boto')"
    code = f"import sys; import berth.cli; print([name for name in sys.modules if name.startswith({heavy})])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_the_version_is_the_packages_and_does_not_wait_for_the_sdk() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    heavy = "('pulumi', 'grpc', 'rich', 'pydantic', 'boto')"
    code = (
        "import sys; from berth.cli import app; app(['--version'], standalone_mode=False); "
        f"print([name for name in sys.modules if name.startswith({heavy})])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.splitlines() == [f"berth {project['version']}", "[]"]


def test_the_licence_is_named_and_there_in_full() -> None:
    root = Path(__file__).parents[2]
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    assert (project["license"], project["license-files"]) == ("Apache-2.0", ["LICENSE"])
    # The text as apache.org/licenses/LICENSE-2.0.txt has it, to the byte.
    digest = hashlib.sha256((root / "LICENSE").read_bytes()).hexdigest()
    assert digest == "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("preview", "dev", "--json", "--markdown"), "--json and --markdown exclude each other"),
        (("rehearse", "dev", "--move-to", "eks", "--keep"), "neither --keep nor --clean stands beside it"),
        (("rehearse", "dev", "--kill-at", "50"), "--kill-at needs --move-to"),
        (("diagrams", "dev", "--format", "gif"), "gif: allowed are svg, png, mermaid"),
    ],
)
def test_a_wrong_option_shows_the_usage_and_no_name_of_a_class(berth: Berth, arguments: list[str], said: str) -> None:
    result = berth(*arguments)
    assert result.returncode == 2
    assert "Usage:" in result.stderr
    assert said in " ".join(result.stderr.replace("│", " ").split())
    assert "BadParameter" not in result.stderr and "--debug" not in result.stderr
