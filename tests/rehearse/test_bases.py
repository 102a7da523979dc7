"""Which base images a Dockerfile asks for, and what stands in for them without a registry."""

from __future__ import annotations

from typing import Any, cast

import pytest

from berth.rehearse.bases import DEBIAN, GO, JAVA, NODE, PYTHON, STAND_INS, Recipe, base_images, canonical, stand_in
from berth.rehearse.errors import RehearsalError
from berth.rehearse.images import Images
from berth.rehearse.podman import Podman

DOCKERFILE = """
ARG VERSION=20
ARG BASE_IMAGE="python:3.13" OTHER=ghcr.io/own/base:1
FROM --platform=linux/amd64 node:${VERSION} AS build
ARG VERSION=unused
FROM build AS test
FROM ${BASE_IMAGE} AS tools
COPY --link --from=golang:1.24 /usr/local/go /go
COPY --from=build /a /a
COPY --from=0 /b /b
FROM $OTHER
FROM scratch
COPY --chown=1:1 --from=TEST \\
    /c /c
"""


def test_images_from_outside_the_file_are_found() -> None:
    assert base_images(DOCKERFILE, {}) == ["node:20", "python:3.13", "golang:1.24", "ghcr.io/own/base:1"]
    assert base_images(DOCKERFILE, {"VERSION": "22"})[0] == "node:22"
    assert base_images("FROM scratch\nCOPY a /", {}) == []


@pytest.mark.parametrize(
    ("reference", "full"),
    [
        ("node:20", "docker.io/library/node:20"),
        ("own/node", "docker.io/own/node"),
        ("gcr.io/distroless/static", "gcr.io/distroless/static"),
        ("localhost/x:1", "localhost/x:1"),
        ("registry:5000/x", "registry:5000/x"),
    ],
)
def test_references_are_read_as_docker_reads_them(reference: str, full: str) -> None:
    assert canonical(reference) == full


@pytest.mark.parametrize(
    ("reference", "recipe"),
    [
        ("node:20-slim", NODE),
        ("docker.io/library/python:3.13", PYTHON),
        ("golang@sha256:" + "0" * 64, GO),
        ("debian:bookworm-slim", DEBIAN),
        ("maven:3.9-eclipse-temurin-21", JAVA),
        ("eclipse-temurin:21-jre", JAVA),
        ("gcr.io/distroless/static-debian12:nonroot", DEBIAN),
        ("alpine:3.20", None),
        ("own/node:20", None),
        ("registry:5000/node", None),
    ],
)
def test_stand_ins_are_known_by_the_repository(reference: str, recipe: Recipe | None) -> None:
    assert stand_in(reference) is recipe


class Unreached:
    """In podman's place: it has no image but those of recipes that are named, and no registry answers."""

    def __init__(self, *made: Recipe) -> None:
        self.made = {recipe.tag for recipe in made}

    def image_exists(self, name: str) -> bool:
        return name in self.made


def images(monkeypatch: pytest.MonkeyPatch, *made: Recipe) -> Images:
    def pull(self: Any, reference: str) -> str:
        return "no such host"

    monkeypatch.setattr(Images, "pull", pull)
    return Images(cast(Podman, Unreached(*made)), lambda text: None)


def test_what_stands_in_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    found = images(monkeypatch, NODE)
    assert found.base("node:20") == NODE.tag
    assert found.notes == [f"{NODE.tag}, made from Debian's packages, stands in for docker.io/library/node:20"]


def test_an_image_that_nothing_stands_in_for_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RehearsalError) as error:
        images(monkeypatch).base("alpine:3.20")
    text = str(error.value)
    assert "the base image alpine:3.20 cannot be pulled: no such host" in text
    assert "podman save docker.io/library/alpine:3.20" in text and "podman load" in text
    assert all(name in text for name in STAND_INS)
