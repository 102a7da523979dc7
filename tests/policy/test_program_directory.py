"""Relative paths start where the program runs, and where that is not known, no wrong file passes for the right one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from policy.rules.program import language_host_directory, program_directories

from .analyzer import PACK, asked, serving
from .support import Planned

GOOD, ROOT = "FROM a\nUSER 10001\n", "FROM a\nUSER root\n"
IMAGE = Planned("docker:index/image:Image", {"build": {"context": "app"}})


def _checkout(directory: Path, dockerfile: str | None, name: str = "it", main: str = ".") -> Path:
    (directory / main / "app").mkdir(parents=True)
    (directory / "Pulumi.yaml").write_text(f"name: {name}\nruntime: python\nmain: {main}\n")
    if dockerfile:
        (directory / main / "app" / "Dockerfile").write_text(dockerfile)
    return directory


def test_the_language_hosts_directory_is_the_programs(tmp_path: Path) -> None:
    stale = _checkout(tmp_path / "stale", None)
    assert program_directories("it", shell=stale, pack=stale / "policy", host=tmp_path) == (tmp_path,)


def test_else_every_project_that_it_may_be_counts_once(tmp_path: Path) -> None:
    one, two = _checkout(tmp_path / "one", None), _checkout(tmp_path / "two", None, main="program")
    assert program_directories("it", shell=one / "app", pack=two / "policy") == (one, two / "program")
    assert program_directories("it", shell=one, pack=one / "policy") == (one,)
    assert program_directories(None, shell=one, pack=two) == (one, two / "program")


def test_a_project_of_another_name_does_not_count(tmp_path: Path) -> None:
    outer = _checkout(tmp_path / "outer", None)
    inner = _checkout(outer / "inner", None, name="other")
    assert program_directories("it", shell=inner / "app", pack=inner) == (outer,)
    (inner / "Pulumi.yaml").write_text("name: [")
    assert program_directories("it", shell=inner, pack=inner) == (outer,)
    assert program_directories("third", shell=inner, pack=inner) == (inner,)


def test_the_language_host_is_found_among_the_processes(tmp_path: Path) -> None:
    def process(number: int, parent: int, name: str) -> None:
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "stat").write_text(f"{number} (a) b) S {parent} 1 1")
        (tmp_path / str(number) / "comm").write_text(f"{name}\n")
        (tmp_path / str(number) / "cwd").symlink_to(tmp_path / name)

    process(9, 8, "python")
    process(8, 7, "uv")
    process(7, 6, "pulumi-language")  # the kernel cuts names at 15 characters
    process(6, 1, "pulumi")
    assert language_host_directory(9, proc=tmp_path) == tmp_path / "pulumi-language"
    assert language_host_directory(7, proc=tmp_path) is None
    assert language_host_directory(9, proc=tmp_path / "none") is None


@pytest.mark.parametrize(
    ("shells", "packs", "wrong"),
    [
        (GOOD, GOOD, []),
        (GOOD, ROOT, ["pack/app/Dockerfile:2 is"]),
        (ROOT, GOOD, ["shell/app/Dockerfile:2 is"]),
        (ROOT, ROOT, [" app/Dockerfile:2 is"]),
        (ROOT, ROOT + "#\n", ["pack/app/Dockerfile:2 is", "shell/app/Dockerfile:2 is"]),
        (GOOD, None, []),
        (None, ROOT, [" app/Dockerfile:2 is"]),
        (None, None, ["build.dockerfile (by default app/Dockerfile) is a file that cannot be read"]),
    ],
)
def test_a_shell_in_another_checkout_hides_no_root(
    tmp_path: Path, shells: str | None, packs: str | None, wrong: list[str]
) -> None:
    """The shell stands in one checkout and the pack in another, and the program runs in either."""
    shell, pack = _checkout(tmp_path / "shell", shells), _checkout(tmp_path / "pack", packs)
    shutil.copytree(PACK, pack / "policy", ignore=shutil.ignore_patterns("__pycache__"))
    with serving(shell, pack=pack / "policy") as stub:
        found = sorted(text for rule, _, text in asked(stub, IMAGE) if rule == "docker-image-non-root")
    assert len(found) == len(wrong)
    for text, words in zip(found, wrong, strict=True):
        assert words in text
