"""The command ``berth init``, as it is run."""

from __future__ import annotations

from pathlib import Path

import yaml

from tests.moving_in.conftest import Run
from tests.moving_in.projects import EXPRESS, GO, write

BAD = "FROM node:22\nCOPY server.js /\nCMD node /server.js\n"


def config(project: Path, stack: str) -> dict[str, object]:
    """Return a stack's config."""
    found: dict[str, object] = yaml.safe_load((project / f"Pulumi.{stack}.yaml").read_text())["config"]
    return found


def test_a_folder_becomes_a_previewed_stack(project: Path, berth: Run) -> None:
    folder = write(EXPRESS, project / "services/shop")
    done = berth("init", "services/shop", "--yes", "--region", "eu-central-1")
    assert done.returncode == 0
    assert config(project, "shop-dev") == {
        "aws:region": "eu-central-1",
        "berth:backend": "ecs-fargate",
        "berth:services": {"shop": {"context": "services/shop", "healthPath": "/status", "readyPath": "/status"}},
    }
    assert (folder / "Dockerfile").is_file() and "**/node_modules" in (folder / ".dockerignore").read_text()
    for line in ("server.js:5", "Policies: 1 advisory", "has all that it needs", "berth rehearse shop-dev"):
        assert line in done.stdout
    # Once more: nothing is overwritten, and it is said what to do.
    before = (project / "Pulumi.shop-dev.yaml").read_text()
    again = berth("init", "services/shop", "--yes", "--port", "9999")
    assert again.returncode == 2 and "has the service shop already" in again.stderr and "--force" in again.stderr
    assert (project / "Pulumi.shop-dev.yaml").read_text() == before
    assert berth("init", "services/shop", "--yes", "--port", "9999", "--force").returncode == 0
    assert "port: 9999" in (project / "Pulumi.shop-dev.yaml").read_text()


def test_a_second_service_joins_the_stack(project: Path, berth: Run) -> None:
    write(EXPRESS, project / "services/shop")
    write(GO, project / "services/billing")
    assert berth("init", "services/shop", "--yes").returncode == 0
    file = project / "Pulumi.shop-dev.yaml"
    file.write_text("# ours\n" + file.read_text())
    # From inside its folder, by another berth's answer that has no meaning any more.
    done = berth("init", "--yes", "--stack", "shop-dev", "--internal", cwd=project / "services/billing")
    assert done.returncode == 0
    assert file.read_text().startswith("# ours\n")
    services = config(project, "shop-dev")["berth:services"]
    assert isinstance(services, dict) and list(services) == ["shop", "billing"]
    assert services["billing"] == {
        "context": "services/billing",
        "port": 9000,
        "healthPath": "/livez",
        "readyPath": "/livez",
        "exposure": "internal",
        "path": "/billing",
    }


def test_a_worker_and_a_job_have_no_port(project: Path, berth: Run) -> None:
    folder = write(
        {"requirements.txt": "celery\n", "Procfile": "worker: celery -A shop worker\n"}, project / "services/mail"
    )
    done = berth("init", "services/mail", "--yes")
    assert done.returncode == 0 and "TargetGroup" not in done.stdout
    assert 'CMD ["sh", "-c", "exec celery -A shop worker"]' in (folder / "Dockerfile").read_text()
    assert config(project, "mail-dev")["berth:services"] == {"mail": {"kind": "worker", "context": "services/mail"}}
    done = berth("init", "services/mail", "--yes", "--stack", "mail-dev", "--name", "report", "--kind", "job")
    assert done.returncode == 0
    services = config(project, "mail-dev")["berth:services"]
    assert isinstance(services, dict) and services["report"] == {"kind": "job", "context": "services/mail"}
    done = berth("init", "services/mail", "--yes", "--stack", "other", "--internal")
    assert done.returncode == 2 and "berth:services.mail.exposure" in done.stderr


def test_what_cannot_be_added_is_printed(project: Path, berth: Run) -> None:
    write(EXPRESS, project / "services/shop")
    file = project / "Pulumi.dev.yaml"
    file.write_text("config:\n  aws:region: us-east-1\n  berth:backend: eks\n")
    done = berth("init", "services/shop", "--yes", "--stack", "dev")
    assert done.returncode == 2 and "    shop:\n      context: services/shop\n" in done.stderr
    assert file.read_text() == "config:\n  aws:region: us-east-1\n  berth:backend: eks\n"


def test_what_is_not_found_is_asked_and_an_answer_that_cannot_be_used_leaves_nothing(project: Path, berth: Run) -> None:
    write({"Dockerfile": "FROM ruby:3.3\nVOLUME /tmp\nUSER 10001:10001\n"}, project / "services/shop")
    answers = ["shop", "test", "eks", "eu-west-1", "web", "80", "/alive"]
    done = berth("init", "services/shop", answers="\n".join(answers) + "\n")
    assert done.returncode == 2 and "berth:services.shop.port" in done.stderr and "1024 to 65535" in done.stderr
    assert not list(project.glob("Pulumi.*.yaml"))
    answers[5] = "4567"
    done = berth("init", "services/shop", answers="\n".join(answers) + "\n")
    assert done.returncode == 0
    assert config(project, "test")["berth:services"] == {
        "shop": {"context": "services/shop", "port": 4567, "healthPath": "/alive", "readyPath": "/alive"}
    }
    unanswered = berth("init", "services/shop", "--name", "other")
    assert unanswered.returncode == 2 and "--yes takes the defaults" in unanswered.stderr


def test_an_image_that_would_be_root_is_previewed_refused_and_mended(project: Path, berth: Run) -> None:
    folder = write({"Dockerfile": BAD, "server.js": EXPRESS["server.js"]}, project / "services/shop")
    done = berth("init", "services/shop", "--yes")
    assert done.returncode == 1 and "docker-image-non-root" in done.stdout
    for line in ("USER 10001:10001", "VOLUME /tmp", 'CMD ["node", "/server.js"]'):
        assert f"\n      {line}\n" in done.stdout
    assert (folder / "Dockerfile").read_text() == BAD


def test_a_folder_elsewhere_is_told_how_to_come_in(project: Path, berth: Run, tmp_path: Path) -> None:
    outside = write(EXPRESS, tmp_path / "My Shop")
    done = berth("init", str(outside))
    assert done.returncode == 2 and f"cp -r '{outside}' {project}/services/my-shop" in done.stderr
    write(EXPRESS, project / "services/shop")
    assert '"a/b" is no name of a stack' in berth("init", "services/shop", "--yes", "--stack", "a/b").stderr
    assert "--dockerfile docker/Dockerfile" in berth("init", "services/shop", "--dockerfile", "D").stderr
    itself = berth("init", ".")
    assert itself.returncode == 2 and "berth init services/shop" in itself.stderr
    missing = berth("init", "services/nothing")
    assert missing.returncode == 2 and "There is no folder services/nothing" in missing.stderr
    nowhere = berth("init", cwd=outside)
    assert nowhere.returncode == 2 and "-C" in nowhere.stderr
    (tmp_path / "Pulumi.yaml").write_text("name: other\nruntime: python\n")
    assert "another program" in berth("init", cwd=outside).stderr
