"""A commit's files in a directory of their own, checked out through an index of their own.

``git worktree`` would write to the repository, and ``git archive`` leaves out what ``.gitattributes`` says.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from berth.errors import ConfigError


@dataclass(frozen=True)
class Revision:
    """A commit."""

    asked: str
    """As the user named it."""
    commit: str
    """Its full hash."""

    @property
    def short(self) -> str:
        """As a reader sees it, e.g. ``main (1a2b3c4d)``."""
        digits = self.commit[:8]
        return digits if self.commit.startswith(self.asked) else f"{self.asked} ({digits})"


def resolve(root: Path, rev: str) -> Revision:
    """Return the commit that ``rev`` names in the repository around ``root``.

    Raises:
        ConfigError: If there is no git, no repository or no such commit.
    """
    if shutil.which("git") is None:
        raise ConfigError("git is not installed; without it there is no earlier program to compare with.")
    if _git(root, "rev-parse", "--show-toplevel").returncode != 0:
        raise ConfigError(
            f"{root} is not in a git checkout, so there is no {rev!r} to compare with.\n"
            "Run berth diff in a clone of the project's repository."
        )
    found = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{rev}^{{commit}}")
    if found.returncode != 0:
        lines = [f"There is no commit {rev!r} in this repository."]
        if _git(root, "rev-parse", "--is-shallow-repository").stdout.strip() == "true":
            lines.append("The clone is shallow: fetch its history first, with git fetch --unshallow (fetch-depth: 0).")
        else:
            lines.append("Name a branch, a tag or a hash; a remote branch has to be fetched first.")
        lines.append("Example: --base origin/main")
        raise ConfigError("\n".join(lines))
    return Revision(rev, found.stdout.strip())


@contextlib.contextmanager
def checked_out(root: Path, revision: Revision) -> Iterator[Path]:
    """Yield a directory with ``root`` as it is at ``revision``; it does not exist if that has no project there.

    Raises:
        ConfigError: If git cannot write the files.
    """
    top = Path(_checked(root, "rev-parse", "--show-toplevel").rstrip("\n"))
    inside = _checked(root, "rev-parse", "--show-prefix").rstrip("\n")
    with tempfile.TemporaryDirectory(prefix="berth-diff-") as name:
        directory = Path(name).resolve()
        tree = directory / "tree"
        tree.mkdir()
        own = {"GIT_INDEX_FILE": str(directory / "index")}
        _checked(top, "read-tree", revision.commit, **own)
        _checked(top, "checkout-index", "--all", "--quiet", f"--prefix={tree}/", **own)
        yield tree / inside


_SET_BY_HOOKS = frozenset({"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY"})


def _environment(extra: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without a git hook's variables, which name another repository."""
    kept = {key: value for key, value in os.environ.items() if key not in _SET_BY_HOOKS}
    return {**kept, "LC_ALL": "C", **extra}


def _git(directory: Path, *args: str, **extra: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["git", "-C", str(directory), *args],
        env=_environment(extra),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def _checked(directory: Path, *args: str, **extra: str) -> str:
    done = _git(directory, *args, **extra)
    if done.returncode != 0:
        raise ConfigError(f"git {args[0]} failed: {done.stderr.strip()}")
    return done.stdout
