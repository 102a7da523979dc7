"""Which user a Dockerfile's target stage really ends with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from policy.rules.registry import RULES
from policy.rules.values import UNKNOWN, Secret

from .cases.docker import image
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
    "ENV after ARG": ("FROM a\nARG U=root\nENV U=app\nUSER $U", {}),
    "ARG after ENV": ("FROM a\nENV U=root\nARG U=app\nUSER $U", {}),
    "ARG of the parent stage": ("FROM a AS x\nARG UID=10001\nFROM x\nUSER $UID", {}),
    "ARG from left to right": ("FROM a\nARG A=10001 B=$A\nUSER $B", {}),
    "ARG twice, the last counts": ("FROM a\nARG UID=0\nARG UID=10001\nUSER $UID", {}),
    "a pattern cut off": ("FROM a\nENV U=v10001-x\nARG V=${U#v}\nUSER ${V%%-*}", {}),
    "a pattern replaced": ("FROM a\nENV U=root\nUSER ${U/ro*t/app}", {}),
    "a lone -- before the user": ("FROM a\nUSER -- 7", {}),
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
    "here-document with a blank": ("FROM a\nUSER 1\nRUN python3 << EOF\nfrom os import path\nEOF", {}),
    "here-document of a closing word with signs": ("FROM a\nUSER 1\nRUN <<EOF|sh\nUSER root\nEOF|sh", {}),
    "here-document to a file": ("FROM a\nUSER 1\nRUN cat <<EOF >/f\nUSER root\nEOF", {}),
    "here-document, quotes inside the word": ("FROM a\nUSER 1\nRUN <<E'O'F\nUSER root\nEOF", {}),
    "here-document of ADD": ("FROM a\nUSER 1\nADD <<EOF /x\nUSER root\nEOF", {}),
    "here-document whose tabs count": ("FROM a\nUSER 1\nRUN <<#\n\t#\nUSER root\n#", {}),
    "every other instruction": (
        "FROM a\nLABEL a=b\nMAINTAINER x\nEXPOSE 80\nVOLUME /x\nSTOPSIGNAL 9\nHEALTHCHECK NONE\nUSER 7\n"
        'SHELL ["sh"]\nCMD ["x"]\nENTRYPOINT x\nWORKDIR /x\nADD x /x/',
        {},
    ),
    "here-document in ONBUILD": ("FROM a\nUSER 1\nONBUILD RUN <<EOF\nUSER root\nEOF", {}),
    "two here-documents": ("FROM a\nUSER 1\nCOPY <<A <<B /x/\nUSER root\nA\nUSER root\nB", {}),
    "escape directive after another": ("# check=skip=all\n# escape=`\nFROM a\nUSER `\n10001", {}),
    "a recent frontend": ("# syntax=docker.io/docker/dockerfile:1.10\nFROM a\nUSER 10001", {}),
    "a frontend by its digest": ("# syntax=docker/dockerfile:1.7@sha256:00\nFROM a\nUSER 10001", {}),
    "an old frontend, read alike by both": ("# syntax=docker/dockerfile:1.2\nFROM a\nARG U=7\nUSER $U", {}),
    "frontend as an argument": ("FROM a\nUSER 10001", {"buildArgs": {"BUILDKIT_SYNTAX": "docker/dockerfile:1"}}),
    "bytes that are not text in a comment": ("FROM a\n# f\udcfcr\nUSER 10001", {}),
    "the later stage of one name": ("FROM a AS x\nFROM a AS x\nUSER 7\nFROM x", {"target": "x"}),
    "each of two platforms": (
        "FROM a AS b-arm64\nUSER 7\nFROM a AS b-amd64\nUSER 8\nFROM b-$TARGETARCH",
        {"platforms": ["linux/arm64", "linux/amd64"]},
    ),
    "ENV is set anew in the next stage": ("FROM a AS x\nENV U=7\nARG U=0\nFROM x\nUSER $U", {}),
    "ONBUILD is not for this image": ("FROM a\nUSER 10001\nONBUILD USER root", {}),
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
    "inherits root from a stage": ("FROM a AS base\nUSER root\nFROM base", {}),
    "a stage of that name comes later": ("FROM base\nFROM a AS base\nUSER 7", {"target": "0"}),
    "target is the root one": ("FROM a AS debug\nFROM a\nUSER 7", {"target": "debug"}),
    "target missing": ("FROM a\nUSER 7", {"target": "nowhere"}),
    "context replaces the stage": (
        "FROM a AS base\nUSER 7\nFROM base",
        {"context": {"named": {"base": {"location": "x"}}}},
    ),
    "ONBUILD in the parent stage": ("FROM a AS base\nUSER 7\nONBUILD USER root\nFROM base", {}),
    "ARG wins over an ENV before it": ("FROM a\nENV U=app\nARG U=root\nUSER $U", {}),
    "ARG of the parent stage": ("FROM a AS x\nARG U=0\nFROM x\nUSER ${U:-10001}", {}),
    "ARG from left to right": ("FROM a\nARG A=1 B=${A:+0}\nUSER ${B:-10001}", {}),
    "ARG given twice with a value in between": ("FROM a\nARG U=7\nARG U=${U:+0}\nUSER $U", {}),
    "PATH is always set": ("FROM scratch\nARG A=${PATH:+0}\nUSER ${A:-10001}", {}),
    "a pattern cut off": ("FROM a\nENV U=10\nUSER ${U#1}", {}),
    "the longest match": ("FROM a\nENV U=1010\nUSER ${U##*1}", {}),
    "a pattern replaced": ("FROM a\nENV U=app\nUSER ${U/a*p/root}", {}),
    "U+2028 ends no line": ("FROM a\nUSER 7\nRUN x \u2028USER 8\nUSER 0", {}),
    "two escapes at the end continue nothing": ("FROM a\nUSER 7\nRUN echo \\\\\nUSER root", {}),
    "here-document word with a sign": ("FROM a\nUSER 7\nRUN <<EOF|sh\nUSER 8\nEOF|sh\nUSER 0", {}),
    "here-document that is none": ("FROM a\nUSER 7\nRUN echo '<<#'\nUSER root\n#", {}),
    "here-document in a default is none": ("FROM a\nUSER 7\nRUN echo ${A:-<<#}\nUSER root\n#", {}),
    "here-document in a replacement is none": ("FROM a\nUSER 7\nRUN echo ${A/x/<<#}\nUSER root\n#", {}),
    "here-document in a JSON array is none": ('FROM a\nUSER 7\nRUN ["x", "<<#"]\nUSER root\n#', {}),
    "here-document after a variable with a default": ("FROM a\nUSER 7\nRUN <<a${A:-#}\nUSER root\n#", {}),
    "an unknown directive ends the directives": ("# x=1\n# escape=`\nFROM a\nUSER 7\nRUN x `\nUSER root", {}),
    "a comment ends the directives": ("#\n# escape=`\nFROM a\nUSER 7\nRUN x \\\nx\nRUN `\nUSER root", {}),
    "a frontend after #!": ("#!/bin/x\n# syntax=example/else\nFROM a\nUSER 7", {}),
    "a frontend after //": ("//syntax=example/else\nFROM a\nUSER 7", {}),
    "a frontend in JSON": ('{"syntax": "example/else"}', {}),
    "a frontend as an argument": ("FROM a\nUSER 7", {"buildArgs": {"BUILDKIT_SYNTAX": "example/else"}}),
    "a frontend as an argument that is unknown": ("FROM a\nUSER 7", {"buildArgs": {"BUILDKIT_SYNTAX": UNKNOWN}}),
    "a frontend with a name alike": ("# syntax=docker/dockerfile2:1\nFROM a\nUSER 7", {}),
    "an old frontend without here-documents": (
        "# syntax=docker/dockerfile:1.2\nFROM a\nUSER 7\nRUN <<'#'\nUSER root\n#",
        {},
    ),
    "an old frontend by its digest": (
        "# syntax=docker/dockerfile@sha256:00\nFROM a\nUSER 7\nRUN <<'#'\nUSER root\n#",
        {},
    ),
    "an old frontend that expands ARG at once": (
        "# syntax=docker/dockerfile:1.7\nFROM a\nARG A=10001 B=$A\nUSER ${B:-0}",
        {},
    ),
    "a keyword that only folds": ("FROM a\nUSER 7\nu\u017fer root", {}),
    "bytes that are not text": ("FROM a\nUSER \udc85root", {}),
    "a byte order mark before the user": ("FROM a\nUSER \ufeff0", {}),
    "an unknown flag": ("FROM a\nUSER 7\nUSER --x 8", {}),
    "a here-document's signs in ENV": ("FROM a\nUSER 7\nENV A=<<#\nUSER root\n#", {}),
    "an argument that BuildKit keeps": ("FROM a\nARG BUILDKIT_SBOM_SCAN_STAGE=7\nUSER $BUILDKIT_SBOM_SCAN_STAGE", {}),
    "the date that BuildKit reads": ("FROM a\nARG SOURCE_DATE_EPOCH=7\nUSER $SOURCE_DATE_EPOCH", {}),
    "an escape character that there is not": ("# escape=x\nFROM a\nUSER 7", {}),
    "a directive twice": ("# check=x\n# check=x\nFROM a\nUSER 7", {}),
    "FROM with a flag that there is not": ("FROM --x a\nUSER 7", {}),
    "FROM with an empty image": ("FROM $A\nUSER 7", {}),
    "an instruction before FROM": ("USER 7\nFROM a\nUSER 7", {}),
    "the name of a stage with a sign": ("FROM a AS x/y\nUSER 7", {}),
    "ENV without a value": ("FROM a\nENV A=1 B\nUSER 7", {}),
    "a lone -- before the user": ("FROM a\nUSER -- root", {}),
    "ENV by a name from a variable": ("FROM a\nENV N=U U=7\nENV $N=0\nUSER $U", {}),
    "ENV is set anew in the next stage": ("FROM a AS x\nENV U=0\nARG U=7\nFROM x\nUSER $U", {}),
    "ONBUILD after an escape of its own": ("# escape=`\nFROM a AS x\nUSER 7\nONBUILD USER 0\nFROM x", {}),
    "the later stage of one name": ("FROM a AS x\nUSER 7\nFROM a AS x\nFROM x", {"target": "x"}),
    "a context replaces the base by another spelling": (
        "FROM docker.io/library/a:latest AS x\nUSER 7",
        {"context": {"named": {"a": {"location": "x"}}}},
    ),
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


@pytest.mark.parametrize("side", ["BUILD", "TARGET"])
@pytest.mark.parametrize("part", ["PLATFORM", "OS", "OSVERSION", "ARCH", "VARIANT"])
def test_what_the_platform_decides_is_not_known_without_it(side: str, part: str) -> None:
    name = f"{side}{part}"
    text = f"FROM a\nARG {name}\nUSER ${{{name}:+7}}"
    assert violations(RULE, image(text))
    assert violations(RULE, image(text, buildArgs={name: "x"})) == []
    known = name in ("TARGETPLATFORM", "TARGETOS", "TARGETARCH")
    assert (violations(RULE, image(text, platforms=["linux/riscv64"])) == []) == known


@pytest.mark.parametrize(
    ("version", "recent"),
    [
        (version, True)
        for version in ("", ":1", ":1.8", ":1.9.1", ":1.20", ":latest", ":labs", ":1-labs", ":master-labs")
    ]
    + [(version, False) for version in (":1.7", ":1.0.1", ":1.7-labs", ":experimental", ":1@sha256:00", "@sha256:00")],
)
def test_an_old_frontend_has_to_agree_with_the_newest(version: str, recent: bool) -> None:
    # Before 1.8 an ARG did not see the one beside it.
    found = violations(RULE, image(f"# syntax=docker/dockerfile{version}\nFROM a\nARG A=7 B=$A\nUSER $B"))
    assert (found == []) == recent


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


REMOTE = "docker:index/remoteImage:RemoteImage"


def test_a_remote_image_is_judged_if_it_is_built(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "Dockerfile").write_text("FROM a AS x\nFROM a\nARG UID=0\nUSER $UID\n")
    (tmp_path / "app" / "other").write_text("FROM a\nUSER 7\n")

    def found(**build: Any) -> list[Any]:
        return violations(RULE, Planned(REMOTE, {"name": "x", "build": {"context": "app", **build}}), root=tmp_path)

    assert found()
    assert found(buildArgs={"UID": "7"}) == []
    assert found(buildArgs={"UID": UNKNOWN})
    assert found(dockerfile="other") == []
    assert found(dockerfile="app/other") == []
    assert found(dockerfile="other", target="x")
    assert found(dockerfile="other", additionalContexts=["a=docker-image://b"])
    assert found(dockerfile="other", remoteContext="https://example.org/x.git")
    assert found(dockerfile="nowhere")
    (tmp_path / "Dockerfile").write_text("FROM a\nUSER 7\n")
    assert found(context="https://example.org/x.git")
    (tmp_path / "app" / "other").write_text("FROM a\nARG memory=7\nUSER $memory\n")
    assert found(dockerfile="other"), "the provider gives memory=0"
    assert violations(RULE, Planned(REMOTE, {"name": "x"})) == []
    assert violations(RULE, Planned(REMOTE, {"name": "x", "build": UNKNOWN}))


@pytest.mark.parametrize(
    ("text", "both"),
    [
        ("FROM a\nARG U=7\nUSER $U", True),
        ("FROM a\nENV U=0\nARG U=7\nUSER $U", False),  # ENV wins
        ("FROM a AS x\nARG U=7\nFROM x\nUSER ${U:-0}", False),  # ARG does not reach the next stage
        ("FROM a\nARG A=7 B=$A\nUSER ${B:-0}", False),  # ARG is expanded at once
        ("FROM a\nUSER 7\nRUN <<'#'\nUSER root\n#", False),  # there are no here-documents
    ],
)
def test_dockers_own_builder_reads_in_another_way(tmp_path: Path, text: str, both: bool) -> None:
    (tmp_path / "Dockerfile").write_text(text)

    def passes(token: str, **inputs: Any) -> bool:
        return not violations(RULE, Planned(token, inputs), root=tmp_path)

    docker = "docker:index/image:Image"
    assert passes(docker, build={"builderVersion": "BuilderBuildKit"})
    assert passes(docker, build={"context": "."})
    # Without `build` the provider names no version, and Docker takes its own builder.
    for token, inputs in ((docker, {"build": {"builderVersion": "BuilderV1"}}), (docker, {}), (REMOTE, {"build": {}})):
        assert passes(token, **inputs) == both


def test_a_dockerfile_in_a_remote_context_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM a\nUSER 7\n")
    for remote in ("https://example.org/x.git", "git@example.org:x.git", "SSH://x/y"):
        inputs = {"context": {"location": remote}, "dockerfile": {"location": "Dockerfile"}}
        assert violations(RULE, Planned("docker-build:index:Image", inputs), root=tmp_path)


@pytest.mark.parametrize("end", ["\r", "\x0b", "\x0c", "\x85", "\u2028"])
def test_a_file_is_split_at_line_feeds_only(tmp_path: Path, end: str) -> None:
    (tmp_path / "Dockerfile").write_bytes(f"FROM a\nUSER root\nRUN x {end}USER 7\n".encode())
    assert violations(RULE, Planned("docker:index/image:Image", {}), root=tmp_path)


def test_a_secret_build_argument_is_not_shown() -> None:
    (found,) = violations(RULE, image("FROM a\nARG U\nUSER $U", buildArgs={"U": Secret("root")}))
    assert '"USER $U"' in found.message or "not shown" in found.message
    assert "root," not in found.message.replace("non-root", "")


def test_images_are_judged_by_one_rule() -> None:
    for token in ("docker-build:index:Image", REMOTE):
        assert [rule.id for rule in RULES.values() if rule.applies(token)] == [RULE]
