"""`berth import`: what it writes, says and refuses, on the application of five services."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

from berth.cli import app
from berth.config import load
from berth.importing.draft import Service, Stack
from berth.importing.stack_file import text
from components.config.reading import fields_of
from components.service.settings import ServiceSettings
from tests.programs import PROGRAM, ROOT

from .page import PAGE, commands, others
from .trees import write

APPLICATION = Path(__file__).parent / "copilot-app"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of its own, with the application in it: the program looks for build contexts in its own folder."""
    for name in PROGRAM:
        (tmp_path / name).symlink_to(ROOT / name)
    shutil.copytree(APPLICATION, tmp_path / "kiosk")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("components.settings.__file__", str(tmp_path / "program" / "settings.py"))
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def berth(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["import", *arguments])


def config(project: Path, stack: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((project / f"Pulumi.{stack}.yaml").read_text())["config"]
    return found


def test_an_application_becomes_stacks_without_a_mandatory_finding(project: Path) -> None:
    done = berth("kiosk", "--region", "eu-central-1")
    assert done.exit_code == 0, done.output
    test, prod = config(project, "test")["berth:services"], config(project, "prod")["berth:services"]
    assert {name: one.get("kind", one.get("exposure", "public")) for name, one in test.items()} == {
        "orders": "internal",
        "packer": "worker",
        "payments": "internal",
        "report": "job",
        "storefront": "public",
    }
    assert test["storefront"] == {
        "context": "kiosk/storefront",
        "healthPath": "/alive",
        "readyPath": "/alive",
        "minReplicas": 1,
        "maxReplicas": 1,
        "environment": {"LOG_LEVEL": "info"},
        "uses": ["orders"],
    }
    assert (prod["storefront"]["maxReplicas"], prod["storefront"]["requestsTarget"]) == (10, 500)
    assert prod["storefront"]["environment"] == {"LOG_LEVEL": "warning"}
    assert (test["report"]["schedule"], prod["report"]["schedule"]) == ("0 0 * * *", "30 6 * * MON-FRI")
    assert test["report"]["timeoutSeconds"] == 900 and test["report"]["uses"] == ["orders"]
    assert test["payments"]["secrets"] == {
        "BANK_TOKEN": {"parameter": "/copilot/kiosk/test/secrets/BANK_TOKEN"},
        "BANK_PASSWORD": {"secret": "kiosk/bank", "field": "password"},
    }
    assert test["payments"]["entrypoint"] == ["python"]
    assert test["payments"]["command"] == ["main.py", "--currency", "EUR"]
    assert test["payments"]["sidecars"]["agent"]["secrets"] == {"AGENT_KEY": {"parameter": "/kiosk/agent/key"}}
    assert test["orders"]["buildArgs"] == {"EDITION": "kiosk"} and test["orders"]["uses"] == ["payments"]
    assert prod["orders"]["memory"] == 1024, "768 MiB is no size of Fargate's"
    assert config(project, "prod")["berth:network"] == {"cidr": "10.30.0.0/16", "flowLogRetentionDays": 90}
    assert config(project, "test")["berth:ecs-fargate"] == {"exec": True}
    # What is not the same is said, each with its key.
    for key in ("image.port: 80", "environments.prod.count.cooldown.in", "subscribe.queue", "count.queue_delay"):
        assert key in done.output
    for part in ("COPILOT_QUEUE_URI", "512 CPU units with 1024 MiB", "copilot/pipelines/main/manifest.yml"):
        assert part in done.output
    assert "instead: " in done.output and "Next: berth rehearse prod" in done.output
    assert done.output.count("Policies: ") == 2


def test_json_is_one_object(project: Path) -> None:
    done = berth("kiosk", "--region", "eu-central-1", "--environment", "test", "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["stacks"]["test"]["config"] == config(project, "test")
    assert {one["level"] for one in found["stacks"]["test"]["violations"]} == {"advisory"}
    assert {"file", "key", "given", "kind", "why", "instead"} == found["remarks"][0].keys()
    assert not (project / "Pulumi.prod.yaml").exists()


def test_a_root_image_is_found_and_stops(project: Path) -> None:
    dockerfile = project / "kiosk/packer/Dockerfile"
    dockerfile.write_text(dockerfile.read_text().replace("USER 10001:10001\n", ""))
    done = berth("kiosk", "--region", "eu-central-1", "--environment", "test")
    assert done.exit_code == 1 and "docker-image-non-root" in done.output
    assert (project / "Pulumi.test.yaml").exists(), "the file is right; the image is not"


def test_nothing_that_runs_is_no_stack(project: Path) -> None:
    write(project / "site/copilot/site/manifest.yml", {"name": "site", "type": "Static Site", "files": []})
    done = berth("site", "--region", "eu-central-1", "--environment", "test")
    assert done.exit_code == 2 and "would have no service" in done.output and not list(project.glob("Pulumi.*.yaml"))


@pytest.mark.parametrize(
    ("file", "tree"),
    [
        ("compose.yaml", {"services": {"web": {"extends": {"file": "other.yaml", "service": "web"}}}}),
        ("score.yaml", {"apiVersion": "score.dev/v1b1", "metadata": {"name": "web"}, "containers": {"main": {}}}),
    ],
)
def test_what_names_no_image_is_never_the_sample(file: str, tree: Any, project: Path) -> None:
    write(project / "web" / file, tree)
    done = berth("web", "--region", "eu-central-1")
    assert done.exit_code == 2 and "web has neither an image nor" in done.output
    assert not list(project.glob("Pulumi.*.yaml"))


def test_a_stack_file_that_is_there_stays(project: Path) -> None:
    (project / "Pulumi.test.yaml").write_text("mine\n")
    done = berth("kiosk", "--region", "eu-central-1", "--environment", "test")
    assert done.exit_code == 2 and "Pulumi.test.yaml is there already" in done.output and "--force" in done.output
    assert (project / "Pulumi.test.yaml").read_text() == "mine\n"
    assert berth("kiosk", "--region", "eu-central-1", "--environment", "test", "--force").exit_code == 0
    assert config(project, "test")["aws:region"] == "eu-central-1"


def test_what_the_program_refuses_is_not_written(project: Path) -> None:
    (project / "kiosk/report/Dockerfile").unlink()
    done = berth("kiosk", "--region", "eu-central-1", "--environment", "test")
    assert done.exit_code == 2
    assert "berth:services.report.dockerfile" in done.output and "Nothing was written" in done.output
    assert not list(project.glob("Pulumi.*.yaml"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("kiosk",), "Example: --region eu-central-1"),
        (("kiosk", "--environment", "qa", "--region", "eu-central-1"), "It has prod, test"),
        (("kiosk", "--stack", "shop", "--region", "eu-central-1"), "--environment test"),
        (("kiosk/compose.yaml", "--environment", "test"), "--stack test"),
        (("kiosk/compose.yaml",), "--region eu-central-1"),
        (("nowhere",), "There is no nowhere"),
        (("charts",), "Nothing in charts is known here"),
        (("kiosk", "--region", "eu-nowhere-1"), 'AWS has no region "eu-nowhere-1"'),
        (("kiosk", "--region", "eu-central-1", "--backend", "gondola"), "berth:backend"),
    ],
)
def test_an_error_says_what_to_do(project: Path, arguments: tuple[str, ...], message: str) -> None:
    done = berth(*arguments)
    assert done.exit_code == 2 and message in done.output and "Traceback" not in done.output
    assert not list(project.glob("Pulumi.*.yaml"))


def test_an_application_outside_of_the_project_says_where_it_belongs(
    project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("elsewhere") / "kiosk"
    shutil.copytree(APPLICATION, outside)
    for source in (outside, outside / "compose.yaml"):
        done = berth(str(source), "--region", "eu-central-1")
        assert done.exit_code == 2 and "Traceback" not in done.output
        assert re.search(rf"move (it|the application) into {project}", done.output.replace("\n", " "))
        assert "Nothing was written" in done.output


@pytest.mark.parametrize("berths", ["eks", "ecs-ec2"])
def test_other_berths(project: Path, berths: str) -> None:
    done = berth("kiosk", "--region", "eu-central-1", "--environment", "prod", "--backend", berths)
    assert done.exit_code == 0, done.output
    assert config(project, "prod")["berth:services"]["orders"]["memory"] == 768, "only Fargate has pairs"
    if berths == "ecs-ec2":
        assert config(project, "prod")["berth:ecs-ec2"]["maxInstances"] > 4


def test_compose_and_score(project: Path) -> None:
    write(project / "shop/compose.yaml", {"services": {"web": {"image": "example.com/shop:1", "ports": ["8080:8080"]}}})
    done = berth("shop", "--stack", "shop", "--region", "eu-central-1")
    assert done.exit_code == 0, done.output
    assert config(project, "shop")["berth:services"]["web"]["image"] == "example.com/shop:1"
    score: dict[str, Any] = {
        "apiVersion": "score.dev/v1b1",
        "metadata": {"name": "desk"},
        "service": {"ports": {"web": {"port": 8080}}},
        "containers": {"main": {"image": "example.com/desk:1"}},
        "resources": {"way": {"type": "route", "params": {"path": "/"}}},
    }
    write(project / "desk/score.yaml", score)
    assert berth("desk/score.yaml", "--stack", "desk", "--region", "eu-central-1").exit_code == 0
    assert config(project, "desk")["berth:services"] == {"desk": {"image": "example.com/desk:1"}}


@pytest.mark.parametrize(
    "value", ["yes", "017", "0o17", "1_000", "1e3", "", "null", "2026-01-02", "a: b", "#x", "é", "'"]
)
def test_a_text_is_read_back_as_it_was(value: str, tmp_path: Path) -> None:
    stack = Stack("dev", "eu-central-1", "eks", "a test")
    stack.services.append(Service("shop", "file", {"image": "example.com/shop:1", "environment": {"VALUE": value}}))
    (tmp_path / "Pulumi.yaml").write_text("name: berth\nruntime: python\n")
    (tmp_path / "Pulumi.dev.yaml").write_text(text(stack))
    found = json.loads(load(tmp_path, "dev").values["berth:services"])
    assert found["shop"]["environment"] == {"VALUE": value}


def test_every_command_of_the_page_does_what_it_says(project: Path) -> None:
    """A rehearsal takes podman and `pulumi` the engine: these are run by tests of their own."""
    asked = commands("uv run berth")
    assert [one[0] for one in asked].count("import") == 4 and ["rehearse", "test"] in asked
    assert others("uv run berth ", "pulumi ") == []
    for arguments in asked:
        if arguments[0] != "rehearse":
            done = CliRunner().invoke(app, arguments)
            assert done.exit_code == 0, f"{arguments}: {done.output}"
    composed = config(project, "kiosk-dev")["berth:services"]
    assert {name: one.get("kind", one.get("exposure", "public")) for name, one in composed.items()} == {
        "storefront": "public",
        "orders": "internal",
        "payments": "internal",
        "packer": "worker",
    }
    assert composed["storefront"]["uses"] == ["orders"] and composed["orders"]["uses"] == ["payments"]
    assert config(project, "kiosk-score")["berth:services"]["payments"]["path"] == "/payments"


def test_every_command_that_takes_the_place_of_copilots_is_one() -> None:
    named = set(re.findall(r"\| `berth (\w+)", PAGE))
    assert named == {"logs", "status", "shell", "run", "diff", "preview"}
    for name in named:
        assert CliRunner().invoke(app, [name, "--help"]).exit_code == 0


def test_the_keys_that_the_page_names_are_keys_here() -> None:
    table = PAGE.partition("## What becomes what")[2].partition("| command of Copilot")[0]
    rows = [row.split("|")[2] for row in table.splitlines() if row.startswith("| ") and "---" not in row]
    named = {key for row in rows for key in re.findall(r"`([a-z]+[A-Za-z]*)(?:`|:)", row)}
    assert {"schedule", "readyPath", "memoryTargetPercent"} < named
    assert named - fields_of(ServiceSettings).keys() - {"test", "public", "berth"} == set()
