"""Which user a Dockerfile's target stage really ends with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from policy.rules.registry import RULES
from policy.rules.values import UNKNOWN, Secret

from .cases import image
from .support import Planned, violations

RULE = "docker-image-non-root"

NON_ROOT: dict[str, tuple[str, dict[str, Any]]] = {
    "last USER wins": ("FROM a\nUSER root\nUSER 10001", {}),
    "lower case": ("from a\nuser 10001:10001", {}),
    "a tab after the keyword": ("FROM a\nUSER\t10001", {}),
    "builder stage may be root": ("FROM a AS build\nUSER root\nFROM b\nCOPY --from=build /x /x\nUSER app", {}),
    "inherits from a stage": ("FROM a AS base\nUSER 10001\nFROM base", {}),
    "inherits over two stages, names in any case": ("FROM a AS One\nUSER 7\nFROM ONE as two\nFROM Two", {}),
    "target by name": ("FROM a AS app\nUSER 7\nFROM a AS debug\nUSER root", {"target": "APP"}),
    "target by number": ("FROM a\nUSER 7\nFROM a\nUSER root", {"target": "0"}),
    "platform flag": ("FROM --platform=$BUILDPLATFORM a AS x\nUSER 7\nFROM x", {}),
    "stage named by a build argument": (
        "ARG FLAVOUR=safe\nFROM a AS safe\nUSER 7\nFROM a AS wild\nUSER root\nFROM $FLAVOUR",
        {},
    ),
    "stage named by the platform": (
        "FROM a AS base-arm64\nUSER 7\nFROM a AS base-amd64\nUSER root\nFROM base-${TARGETARCH}",
        {"platforms": ["linux/arm64"]},
    ),
    "ARG default": ("FROM a\nARG UID=10001\nUSER ${UID}", {}),
    "ARG from above the first FROM": ("ARG UID=10001\nFROM a\nARG UID\nUSER $UID", {}),
    "ARG given by the resource": ("FROM a\nARG UID=0\nUSER $UID", {"buildArgs": {"UID": "10001"}}),
    "ENV wins over ARG": ("FROM a\nARG U=root\nENV U=app\nUSER $U", {}),
    "ENV in the old form": ("FROM a\nENV U  app\nUSER $U", {}),
    "ENV inherited from a stage": ("FROM a AS b\nENV U=app\nFROM b\nUSER $U", {}),
    "ENV of several, quoted": ("FROM a\nENV A=\"1 2\" U='app' B=x\\ y\nUSER $U:$U", {}),
    "default of a variable": ("FROM a\nUSER ${UID:-10001}", {}),
    "default of an empty one": ("FROM a\nENV UID=\nUSER ${UID:-10001}", {}),
    "alternative of a set one": ("FROM a\nENV UID=0\nUSER ${UID:+10001}", {}),
    "nested default": ("FROM a\nENV B=10001\nUSER ${A:-${B}}", {}),
    "value at the line, not after": ("FROM a\nENV U=app\nUSER $U\nENV U=root", {}),
    "double quotes": ('FROM a\nUSER "10001"', {}),
    "single quotes": ("FROM a\nUSER '10001'", {}),
    "continuation": ("FROM a\nUSER \\\n  # why\n\n  10001", {}),
    "escape directive": ("# escape=`\nFROM a\nUSER `\n10001", {}),
    "syntax directive": ("# syntax=docker/dockerfile:1\nFROM a\nUSER 10001", {}),
    "here-document": ("FROM a\nUSER 10001\nRUN <<EOF\nUSER root\nFROM b\nEOF", {}),
    "here-document with tabs": ("FROM a\nUSER 10001\nCOPY <<-'X' /x\n\tUSER root\n\tX\n", {}),
    "two here-documents": ("FROM a\nUSER 1\nCOPY <<A <<B /x/\nUSER root\nA\nUSER root\nB", {}),
    "ONBUILD is not for this image": ("FROM a\nUSER 10001\nONBUILD USER root", {}),
    "user made with a uid": ("FROM a\nRUN useradd -u 10001 app\nUSER app", {}),
    "user made with a uid from an ARG": ("FROM a\nARG U=10001\nRUN adduser -D -u ${U} app\nUSER app", {}),
    "an alias that is not used": ("FROM a\nRUN useradd -o -u 0 boss\nUSER 10001", {}),
    "an unknown argument that is not used": (
        "FROM a\nARG VERSION\nENV V=$VERSION\nRUN echo $V\nUSER 10001",
        {"buildArgs": {"VERSION": UNKNOWN}},
    ),
    "byte order mark and CRLF": ("\ufeffFROM a\r\nUSER 10001\r\n", {}),
}

ROOT: dict[str, tuple[str, dict[str, Any]]] = {
    "no USER": ("FROM python:3.12", {}),
    "scratch": ("FROM scratch", {}),
    "last USER is root": ("FROM a\nUSER 10001\nUSER root", {}),
    "uid and gid": ("FROM a\nUSER 0:10001", {}),
    "zeros": ("FROM a\nUSER 000", {}),
    "quoted": ("FROM a\nUSER 'root'", {}),
    "quotes inside": ("FROM a\nUSER r'oo't", {}),
    "escaped": ("FROM a\nUSER \\root", {}),
    "empty": ('FROM a\nUSER ""', {}),
    "unset variable": ("FROM a\nUSER $NOBODY_SET_IT", {}),
    "ARG without a value": ("FROM a\nARG UID\nUSER $UID", {}),
    "ARG of another stage": ("FROM a AS x\nARG UID=10001\nFROM x\nUSER $UID", {}),
    "ARG above FROM, not taken over": ("ARG UID=10001\nFROM a\nUSER $UID", {}),
    "ARG given by the resource": ("FROM a\nARG UID=10001\nUSER $UID", {"buildArgs": {"UID": "0"}}),
    "ARG unknown": ("FROM a\nARG UID=10001\nUSER $UID", {"buildArgs": {"UID": UNKNOWN}}),
    "ARG unknown by way of ENV": ("FROM a\nARG UID\nENV U=$UID\nUSER $U", {"buildArgs": {"UID": UNKNOWN}}),
    "ARG twice": ("FROM a\nARG UID=10001\nARG UID=0\nUSER $UID", {}),
    "stage of an unknown name": ("ARG B\nFROM a AS b\nUSER 7\nFROM $B", {"buildArgs": {"B": UNKNOWN}}),
    "stage of two platforms": (
        "FROM a AS b-arm64\nUSER 7\nFROM a AS b-amd64\nFROM b-$TARGETARCH",
        {"platforms": ["linux/arm64", "linux/amd64"]},
    ),
    "single quotes keep a variable": ("FROM a\nENV U=app\nUSER '$U'", {}),
    "a modifier that only a build knows": ("FROM a\nENV U=app\nUSER ${U%p}", {}),
    "inherits root from a stage": ("FROM a AS base\nUSER root\nFROM base", {}),
    "a stage of that name comes later": ("FROM base\nFROM a AS base\nUSER 7", {"target": "0"}),
    "target is the root one": ("FROM a AS debug\nFROM a\nUSER 7", {"target": "debug"}),
    "target missing": ("FROM a\nUSER 7", {"target": "nowhere"}),
    "context replaces the stage": (
        "FROM a AS base\nUSER 7\nFROM base",
        {"context": {"named": {"base": {"location": "x"}}}},
    ),
    "ONBUILD in the parent stage": ("FROM a AS base\nUSER 7\nONBUILD USER root\nFROM base", {}),
    "useradd alias": ("FROM a\nRUN useradd -o -u 0 app\nUSER app", {}),
    "useradd alias, flags joined": ("FROM a\nRUN x && /usr/sbin/useradd -ou 0 app\nUSER app", {}),
    "useradd alias, long flag": ("FROM a\nRUN useradd --non-unique --uid=0 app\nUSER app:app", {}),
    "adduser alias in a here-document": ("FROM a\nRUN <<EOF\nadduser -D -u 0 app\nEOF\nUSER app", {}),
    "alias by a line in passwd": ("FROM a\nRUN echo 'app:x:0:0::/:/bin/sh' >> /etc/passwd\nUSER app", {}),
    "alias by an ARG": ("FROM a\nARG U=0\nRUN useradd -o -u $U app\nUSER app", {}),
    "alias by an unknown ARG": (
        "FROM a\nARG U\nRUN useradd -o -u $U app\nUSER app",
        {"buildArgs": {"U": UNKNOWN}},
    ),
    "alias from the parent stage": ("FROM a AS b\nRUN useradd -o -u 0 app\nFROM b\nUSER app", {}),
    "another frontend": ("# syntax=example/else\nFROM a\nUSER 10001", {}),
    "no FROM": ("USER 10001", {}),
    "empty file": ("", {}),
    "here-document left open": ("FROM a\nUSER 1\nRUN <<EOF\nfoo", {}),
    "FROM that cannot be read": ("FROM\nUSER 1", {}),
}


@pytest.mark.parametrize("case", NON_ROOT)
def test_non_root(case: str) -> None:
    text, inputs = NON_ROOT[case]
    assert violations(RULE, image(text, **inputs)) == []


@pytest.mark.parametrize("case", ROOT)
def test_root_or_not_to_be_told(case: str) -> None:
    text, inputs = ROOT[case]
    (found,) = violations(RULE, image(text, **inputs))
    assert "could not judge" not in found.message


def test_the_message_names_file_line_and_what_stands_there(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "Dockerfile").write_text("FROM a\n\nUSER \\\n root\n")
    resource = Planned("docker:index/image:Image", {"build": {"context": "app"}})
    (found,) = violations(RULE, resource, root=tmp_path)
    assert "app/Dockerfile:3 is " in found.message
    assert "USER" in found.message and "root" in found.message


def test_a_base_image_decides_only_if_it_is_listed() -> None:
    resource = image("FROM example/base:nonroot AS app")
    (found,) = violations(RULE, resource)
    assert "dockerfile.inline:1" in found.message
    assert violations(RULE, resource, nonRootImages=["example/base:*"]) == []
    assert violations(RULE, resource, nonRootImages=["example/*:latest"])
    assert violations(RULE, image("FROM example/base:nonroot\nUSER root"), nonRootImages=["*"])


def test_a_docker_container_may_lean_on_a_listed_image() -> None:
    resource = Planned("docker:index/container:Container", {"image": "example/base:nonroot"})
    assert violations("docker-non-root", resource)
    assert violations("docker-non-root", resource, nonRootImages=["example/base:*"]) == []
    unknown = Planned(resource.type, {"image": UNKNOWN})
    assert violations("docker-non-root", unknown, nonRootImages=["example/base:*"])


@pytest.mark.parametrize(
    ("inputs", "allowed"),
    [
        ({"build": {"context": "app", "args": {"UID": "10001"}}}, True),
        ({"build": {"context": "app", "args": {"UID": "0"}}}, False),
        ({"build": {"context": "app"}}, False),
        ({"build": {"dockerfile": "app/Dockerfile", "args": {"UID": "10001"}}}, True),
        ({"build": {"dockerfile": "Dockerfile", "context": "app", "args": {"UID": "10001"}}}, False),
        ({"build": {"context": "app", "target": "builder", "args": {"UID": "10001"}}}, False),
        ({"build": {"context": UNKNOWN, "args": {"UID": "10001"}}}, False),
        ({"build": UNKNOWN}, False),
    ],
)
def test_a_docker_image_is_judged_by_the_file_it_names(tmp_path: Path, inputs: dict[str, Any], allowed: bool) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "Dockerfile").write_text("FROM a AS builder\nFROM a\nARG UID\nUSER $UID\n")
    found = violations(RULE, Planned("docker:index/image:Image", inputs), root=tmp_path)
    assert (not found) == allowed


def test_a_secret_build_argument_is_not_shown() -> None:
    (found,) = violations(RULE, image("FROM a\nARG U\nUSER $U", buildArgs={"U": Secret("root")}))
    assert '"USER $U"' in found.message or "not shown" in found.message
    assert "root," not in found.message.replace("non-root", "")


def test_images_are_judged_by_one_rule() -> None:
    assert [rule.id for rule in RULES.values() if rule.applies("docker-build:index:Image")] == [RULE]
