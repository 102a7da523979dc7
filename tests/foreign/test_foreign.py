"""Programs that know nothing of Berth: planned, judged, priced and drawn all the same."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
CHECKOUT = HERE.parents[1]
PROGRAMS = [("webapp", "prod"), ("media", "staging")]


def berth(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    # No credential and no region of whoever runs the tests.
    kept = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "PYTHONPATH": str(CHECKOUT)}
    command = [sys.executable, "-m", "berth", *arguments, "-C", str(HERE / program)]
    return subprocess.run(command, env=kept, capture_output=True, text=True, timeout=120, check=False)


def previewed(program: str, stack: str) -> Any:
    done = berth(program, "preview", stack, "--json")
    # 1: the policies have something to say, as they should.
    assert done.returncode == 1, done.stderr
    return json.loads(done.stdout)


def test_a_web_application_is_planned_with_all_its_resources_and_judged() -> None:
    plan = previewed("webapp", "prod")
    types = {one["name"]: one["type"] for one in plan["resources"]}
    assert types["app-svc"] == "aws:ecs/service:Service"
    assert types["cache"] == "aws:elasticache/replicationGroup:ReplicationGroup"
    assert len(types) == 19
    inputs = {one["name"]: one["inputs"] for one in plan["resources"]}
    # The project's default, a secret that nobody here can read, a lookup and a document of the provider's.
    assert inputs["app-svc"]["desiredCount"] == 3
    assert inputs["db"]["password"] == "[secret]"
    assert inputs["app-tg"]["vpcId"].startswith("vpc-") and len(inputs["app-lb"]["subnets"]) >= 2
    assert json.loads(inputs["task-exec-role"]["assumeRolePolicy"]) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"Service": "ecs-tasks.amazonaws.com"},
            }
        ],
    }
    broken = {hit["policy"] for hit in plan["violations"]}
    assert {"aws-no-world-ingress", "aws-rds-encrypted", "ecs-non-root"} <= broken


def test_a_program_in_a_directory_of_its_own_mixes_aws_and_kubernetes() -> None:
    plan = previewed("media", "staging")
    names = {one["name"]: one for one in plan["resources"]}
    assert names["thumbnailer"] and names["front"] and names["ingress"]["type"] == "kubernetes:helm.sh/v3:Release"
    assert names["site-cdn"]["parent"].endswith("media:index:Site::site")
    # The program's own module is imported from its directory, and so is what it packs.
    broken = {hit["policy"] for hit in plan["violations"]}
    assert {"kubernetes-run-as-non-root", "kubernetes-nothing-opaque", "aws-iam-no-star"} <= broken


@pytest.mark.parametrize(("program", "stack"), PROGRAMS)
def test_what_can_be_priced_is_and_the_rest_is_named(program: str, stack: str) -> None:
    done = berth(program, "cost", stack, "--json")
    assert done.returncode == 0, done.stderr
    text = berth(program, "cost", stack).stdout
    assert "at least" in text
    known = {"webapp": ("app-svc", "app-lb", "db.t4g.micro"), "media": ("key", "site-files")}[program]
    unknown = {"webapp": "elasticache.ReplicationGroup", "media": "cloudfront.Distribution"}[program]
    for word in (*known, unknown):
        assert word in text


@pytest.mark.parametrize(("program", "stack"), PROGRAMS)
def test_everything_is_drawn_and_nothing_is_misnamed(program: str, stack: str, tmp_path: Path) -> None:
    formats = [] if shutil.which("dot") else ["--format", "mermaid"]
    done = berth(program, "diagrams", stack, "-o", str(tmp_path), *formats)
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "diagrams.md").read_text()
    shown = {
        "webapp": ("Public ALB", "ECS service", "elasticache.ReplicationGroup", "PostgreSQL"),
        "media": ("Lambda function", "sqs.Queue", "Deployment", "S3 bucket"),
    }[program]
    for word in shown:
        assert word in text
    # What these two would be in Berth's own program.
    assert "Internal ALB" not in text and "Access logs" not in text


@pytest.mark.parametrize(("program", "stack"), PROGRAMS)
def test_report_is_one_page_and_one_comment(program: str, stack: str, tmp_path: Path) -> None:
    done = berth(program, "report", stack, "-o", str(tmp_path))
    assert done.returncode == 1, done.stderr
    assert "USD a month" in (tmp_path / "index.html").read_text()
    assert "at least" in (tmp_path / "summary.md").read_text()


def test_a_program_in_another_language_is_named(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: other\nruntime: {name: nodejs}\n")
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {}\n")
    done = berth(str(tmp_path), "preview", "dev")
    assert done.returncode == 2
    assert done.stderr == "Pulumi.yaml: the runtime is nodejs; berth runs programs in Python only.\n"


@pytest.mark.parametrize("main", ["nowhere", "../outside"])
def test_a_program_that_is_not_there_is_named(tmp_path: Path, main: str) -> None:
    project = tmp_path / "project"
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "__main__.py").write_text("")
    project.mkdir()
    (project / "Pulumi.yaml").write_text(f"name: other\nruntime: python\nmain: {main}\n")
    (project / "Pulumi.dev.yaml").write_text("config: {}\n")
    done = berth(str(project), "preview", "dev")
    assert done.returncode == 2
    assert f"in {main}, which is `main` in Pulumi.yaml" in done.stderr
