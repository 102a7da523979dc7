"""A new berth is its folder and its name in the registry: a copy of the program gets one, and nothing else changes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.programs import PROGRAM, ROOT

NEW = Path(__file__).parent / "raft"
NOT_COPIED = shutil.ignore_patterns(".*", "__pycache__", "node_modules")
STACKS = {
    "alone": "  berth:berths: {raft: 100}\n",
    "both": "  berth:berths: {raft: 50, ecs-fargate: 50}\n  berth:raft: {timber: t3.large}\n",
    "oak": "  berth:backend: raft\n  berth:raft: {timber: oak}\n",
}


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the program with one berth more."""
    root = tmp_path_factory.mktemp("raft")
    for name in (*PROGRAM, "docs", "scripts"):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, root / name, ignore=NOT_COPIED)
        else:
            shutil.copy(ROOT / name, root / name)
    shutil.copytree(NEW, root / "components" / "berths" / NEW.name, ignore=NOT_COPIED)
    registry = root / "components" / "berths" / "registry.py"
    found = "from components.berths.eks.settings import EKS\n"
    text = registry.read_text()
    assert found in text and "    EKS,\n" in text
    text = text.replace(found, f"{found}from components.berths.raft.settings import RAFT\n")
    registry.write_text(text.replace("    EKS,\n", "    EKS,\n    RAFT,\n"))
    for stack, config in STACKS.items():
        (root / f"Pulumi.{stack}.yaml").write_text(f"config:\n  aws:region: eu-central-1\n{config}")
    return root


def run(program: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the copy, whose modules are found before those of the checkout."""
    found = {**os.environ, "PYTHONPATH": f"{program}{os.pathsep}{ROOT}"}
    arguments = [sys.executable, *command]
    return subprocess.run(arguments, cwd=program, env=found, capture_output=True, text=True, timeout=120, check=False)


def previewed(program: Path, stack: str) -> dict[str, dict[str, Any]]:
    """Return the resources by the last part of their type and their name without the stack's."""
    done = run(program, "-m", "berth", "preview", stack, "--json")
    assert done.returncode == 0, done.stderr
    prefix = f"berth-{stack}-"
    resources = json.loads(done.stdout)["resources"]
    return {f"{one['type'].rpartition(':')[2]} {one['name'].removeprefix(prefix)}": one for one in resources}


def test_a_new_berth_is_moored_at(program: Path) -> None:
    """Its host with its limits, the mooring with a target group of its shape, what runs there, and the way to it."""
    plan = previewed(program, "alone")
    assert plan["Host raft"]["inputs"]["limits"] == [{"what": "Scaling", "instead": "a raft has one machine a service"}]
    mooring, group = plan["Mooring raft-biometric"], plan["TargetGroup raft-biometric"]
    assert (mooring["inputs"]["berth"], mooring["inputs"]["weight"]) == ("raft", 100)
    assert group["parent"] == plan["Instance raft-biometric"]["parent"] == mooring["urn"]
    assert group["inputs"]["targetType"] == "instance"
    assert plan["Instance raft-biometric"]["inputs"]["instanceType"] == "t3.small"
    assert group["urn"] in plan["Listener listener"]["dependencies"]
    assert "SecurityGroupIngressRule raft-biometric-database-from-service" in plan
    assert not any(one["type"].startswith(("aws:ecs", "eks:", "kubernetes:")) for one in plan.values())


def test_a_new_berth_shares_requests_with_another(program: Path) -> None:
    plan = previewed(program, "both")
    groups = [plan[f"TargetGroup {berth}-biometric"]["urn"] for berth in ("raft", "ecs-fargate")]
    assert set(groups) <= set(plan["Listener listener"]["dependencies"])
    [action] = plan["Listener listener"]["inputs"]["defaultActions"]
    assert [group["weight"] for group in action["forward"]["targetGroups"]] == [50, 50]
    assert plan["Instance raft-biometric"]["inputs"]["instanceType"] == "t3.large"


def test_a_new_berths_own_key_is_checked(program: Path) -> None:
    done = run(program, "-m", "berth", "preview", "oak")
    assert done.returncode == 2
    assert "1 problem." in done.stderr and "berth:raft.timber" in done.stderr and "t3.small or t3.large" in done.stderr


def test_a_new_berth_stands_in_the_reference(program: Path) -> None:
    script = "scripts/config_reference.py"
    stale = run(program, script, "--check")
    assert stale.returncode == 1 and stale.stdout.count("not up to date") == 2, stale.stderr
    assert run(program, script).returncode == 0
    assert "  berth:raft:\n" in (program / "Pulumi.yaml").read_text()
    reference = (program / "docs" / "configuration.md").read_text()
    assert "## berth:raft\n" in reference and "| `timber` | text | `t3.small` | t3.small or t3.large |" in reference
