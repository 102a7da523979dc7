"""The image's tag: a hash of the build context."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from components.rooms.image import tag as module
from components.rooms.image.tag import context_files, context_tag

PLATFORM = "linux/amd64"


@pytest.fixture
def context(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    (tmp_path / "src" / "app.py").write_text("print(1)\n")
    return tmp_path


def tag(context: Path, **build_args: str) -> str:
    return context_tag(context, "Dockerfile", build_args, PLATFORM)


def test_tag_is_stable_and_independent_of_times(context: Path) -> None:
    before = tag(context)
    os.utime(context / "src" / "app.py", (0, 0))
    assert tag(context) == before
    assert len(before) == 16 and int(before, 16) >= 0


@pytest.mark.parametrize(
    "change",
    [
        lambda root: (root / "src" / "app.py").write_text("print(2)\n"),
        lambda root: (root / "src" / "app.py").rename(root / "src" / "b.py"),
        lambda root: (root / "src" / "app.py").chmod(0o755),
        lambda root: (root / "Dockerfile").write_text("FROM scratch\nUSER 1\n"),
        lambda root: (root / "link").symlink_to("src/app.py"),
    ],
    ids=["content", "name", "execute bit", "Dockerfile", "link"],
)
def test_whatever_goes_into_the_image_changes_the_tag(context: Path, change) -> None:  # type: ignore[no-untyped-def]
    before = tag(context)
    change(context)
    assert tag(context) != before


def test_a_clone_under_another_umask_has_the_same_tag(context: Path) -> None:
    tags = set()
    for mode in (0o644, 0o664, 0o600):
        for path in (context / "Dockerfile", context / "src" / "app.py"):
            path.chmod(mode)
        tags.add(tag(context))
    assert len(tags) == 1


def test_arguments_and_platform_change_the_tag(context: Path) -> None:
    tags = {
        tag(context),
        tag(context, A="1"),
        tag(context, A="2"),
        context_tag(context, "Dockerfile", {}, "linux/arm64"),
    }
    assert len(tags) == 4


def test_ignored_files_do_not_count(context: Path) -> None:
    (context / ".dockerignore").write_text("# comment\n**/__pycache__\n*.log\n!keep.log\n.venv\n")
    before = tag(context)
    for name in ("a.log", "src/__pycache__/x.pyc", ".venv/bin/python"):
        path = context / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    assert tag(context) == before
    (context / "keep.log").write_text("x")
    assert tag(context) != before
    # Docker anchors a pattern at the context's root: *.log says nothing about src/deep.log.
    (context / "src" / "deep.log").write_text("x")
    assert Path("src/deep.log") in set(context_files(context, "Dockerfile"))


def test_all_but_what_is_named_can_be_ignored(context: Path) -> None:
    (context / ".dockerignore").write_text("*\n!src\n!pyproject.toml\nsrc/**/*.pyc\n")
    for name in ("pyproject.toml", ".venv/lib/deep/x.py", "src/deep/y.py", "src/deep/y.pyc"):
        path = context / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    found = {path.as_posix() for path in context_files(context, "Dockerfile")}
    assert found == {".dockerignore", "Dockerfile", "pyproject.toml", "src/app.py", "src/deep/y.py"}


def test_the_dockerfiles_own_ignore_file_wins(context: Path) -> None:
    (context / ".dockerignore").write_text("src\n")
    (context / "Dockerfile.dockerignore").write_text("*.log\n")
    (context / "a.log").write_text("x")
    found = {path.as_posix() for path in context_files(context, "Dockerfile")}
    assert "src/app.py" in found and "a.log" not in found


def test_dockerfile_counts_even_when_ignored(context: Path) -> None:
    (context / ".dockerignore").write_text("*\n")
    before = tag(context)
    (context / "Dockerfile").write_text("FROM other\n")
    assert tag(context) != before


@pytest.mark.parametrize(
    "ignore",
    ["", "*\n!src\n", "lib\n!lib/deep/kept\n", "lib\n!lib/*/kept\n", "**/deep\n", "*\n!*/deep\n", "lib/\n!/src/deep\n"],
)
def test_folders_that_are_passed_over_hold_nothing_that_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ignore: str
) -> None:
    for name in ("Dockerfile", "src/a", "src/deep/kept", "lib/a", "lib/deep/kept", "lib/deep/other/b"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / ".dockerignore").write_text(ignore)
    found = list(context_files(tmp_path, "Dockerfile"))
    monkeypatch.setattr(module, "_may_hold_files", lambda ignored, folder: True)
    assert found == list(context_files(tmp_path, "Dockerfile"))


def test_a_folder_that_cannot_count_is_not_entered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment beside the source would take longer than all else of a preview."""
    (tmp_path / ".venv" / "lib").mkdir(parents=True)
    (tmp_path / ".dockerignore").write_text("*\n!src\n")
    entered: list[str] = []

    def walk(top: Path) -> Iterator[tuple[str, list[str], list[str]]]:
        for step in real(top):
            entered.append(step[0])
            yield step

    real = os.walk
    monkeypatch.setattr(os, "walk", walk)
    assert list(context_files(tmp_path, "Dockerfile")) == [Path(".dockerignore")]
    assert [Path(one) for one in entered] == [tmp_path]
