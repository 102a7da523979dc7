"""`make image`: what builds, under which name, and what is said."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from berth.rehearse.images import wanted_base
from berth.rehearse.workload import ImageBuild
from components.rooms.image.tag import context_tag

from .built import ROOT
from .scripts import load

image = load(ROOT / "scripts" / "image.py")
Engine = image.Engine


@pytest.mark.parametrize(
    ("docker", "podman", "chosen"),
    [(True, True, "docker"), (True, False, "docker"), (False, True, "podman"), (False, False, None)],
)
def test_docker_builds_where_its_daemon_answers(docker: bool, podman: bool, chosen: str | None) -> None:
    assert image.choose(docker_answers=docker, podman_installed=podman) == chosen


@pytest.mark.parametrize(("machine", "target"), [("x86_64", "linux/amd64"), ("aarch64", "linux/arm64")])
def test_tag_is_the_one_of_a_deployment(machine: str, target: str) -> None:
    build = image.planned_build(ROOT, machine)
    tag = context_tag(ROOT / "services/biometric", "Dockerfile", {}, target)
    assert (build.name, build.platform) == (f"biometric:{tag}", target)
    assert (ROOT / build.dockerfile).is_file()


def test_docker_names_it_twice() -> None:
    build = ImageBuild("biometric:1", "services/biometric", "services/biometric/Dockerfile")
    command = image.docker_command(build, Path("/project"))
    assert command[:2] == ["docker", "build"] and command[-1] == "/project/services/biometric"
    assert {"--tag=biometric:1", "--tag=biometric:latest", "--file=/project/services/biometric/Dockerfile"} < set(
        command
    )


@pytest.mark.parametrize(
    ("named", "digest"),
    [({"Id": "abc", "Digest": "sha256:def"}, "sha256:def"), ({"Id": "sha256:abc"}, "sha256:abc")],
    ids=["podman", "docker"],
)
def test_summary_says_all(named: dict[str, Any], digest: str) -> None:
    inspected = {**named, "Size": 158_400_000, "Config": {"User": "10001:10001"}}
    text = image.summary(Engine.PODMAN, "biometric:1", inspected)
    for part in ("biometric:1", "biometric:latest", "158 MB", "10001:10001", digest, "/app/sbom.cdx.json"):
        assert part in text
    assert "user    root" in image.summary(Engine.DOCKER, "x", {**inspected, "Config": {}})


def test_neither_docker_nor_podman_ends_with_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(image.shutil, "which", lambda program: None)
    assert image.main() == 2
    assert "neither docker nor podman" in (error := capsys.readouterr().err) and "install podman" in error


def test_docker_without_a_base_and_without_podman_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(image, "docker_answers", lambda: True)
    monkeypatch.setattr(image, "docker_has", lambda base: False)
    monkeypatch.setattr(image.shutil, "which", lambda program: None)
    assert image.main() == 1
    assert "install podman and mmdebstrap" in capsys.readouterr().err


def test_podman_builds_where_docker_cannot_pull_the_base(monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[str] = []

    def build(planned: ImageBuild, root: Path) -> dict[str, Any]:
        built.append(planned.name)
        return {"Id": "abc", "Size": 1, "Config": {"User": "1"}}

    monkeypatch.setattr(image, "docker_answers", lambda: True)
    monkeypatch.setattr(image, "docker_has", lambda base: False)
    monkeypatch.setattr(image.shutil, "which", lambda program: f"/usr/bin/{program}")
    monkeypatch.setattr(image, "build_with_podman", build)
    assert image.main() == 0 and len(built) == 1


def test_docker_that_does_not_answer_in_time_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(command: list[str], **_: Any) -> None:
        raise subprocess.TimeoutExpired(command, 1)

    monkeypatch.setattr(image.shutil, "which", lambda program: f"/usr/bin/{program}")
    monkeypatch.setattr(image.subprocess, "run", hang)
    assert not image.docker_answers()
    assert not image.docker_has("base")


@pytest.mark.parametrize(
    ("args", "text", "expected"),
    [
        ({}, "ARG BASE_IMAGE=python:3\nFROM ${BASE_IMAGE}", "python:3"),
        ({}, 'ARG BASE_IMAGE="python:3"\nFROM ${BASE_IMAGE}', "python:3"),
        ({"BASE_IMAGE": "own:1"}, "ARG BASE_IMAGE=python:3\nFROM ${BASE_IMAGE}", "own:1"),
        ({}, "FROM python:3", None),
    ],
)
def test_wanted_base(args: dict[str, str], text: str, expected: str | None) -> None:
    assert wanted_base(ImageBuild("x", ".", args=args), text) == expected


def test_dependencies_are_installed_before_the_source_is_there() -> None:
    steps = (ROOT / "services/biometric/Dockerfile").read_text().splitlines()
    synced = [number for number, line in enumerate(steps) if "uv sync" in line]
    assert "--no-install-project" in steps[synced[0]]
    assert synced[0] < steps.index("COPY src ./src") < synced[1]
