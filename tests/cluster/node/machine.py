"""What the cluster needs of this machine, and where what is made once is kept."""

from __future__ import annotations

import contextlib
import fcntl
import os
import platform
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

GO_HOME = Path("/usr/local/go/bin")
"""Where Go's own installer puts it, often without adding it to PATH."""
MINIMUM_GO = (1, 24)
# Program and the Debian package it comes in.
PROGRAMS = {
    "ip": "iproute2",
    "mmdebstrap": "mmdebstrap",
    "mount": "mount",
    "nsenter": "util-linux",
    "openssl": "openssl",
    "podman": "podman",
    "setpriv": "util-linux",
    "unshare": "util-linux",
}

Say = Callable[[str], None]
"""Tells the user what is happening."""


class ClusterError(Exception):
    """The cluster cannot be made or does not work; the message says what to look at."""


def search_path(environ: Mapping[str, str] = os.environ) -> str:
    """Return PATH with where administration tools and Go are kept, which not every PATH reaches."""
    return f"{environ.get('PATH', '')}:/usr/sbin:/sbin:{GO_HOME}"


def find(program: str) -> str | None:
    """Return a program's path, None if it is not installed."""
    return shutil.which(program, path=search_path())


def go_version(text: str) -> tuple[int, int] | None:
    """Read the output of ``go version``."""
    for word in text.split():
        major, dot, rest = word.removeprefix("go").partition(".")
        if word.startswith("go") and dot and major.isdigit():
            minor = rest.partition(".")[0]
            digits = minor[: len(minor) - len(minor.lstrip("0123456789"))]
            return (int(major), int(digits)) if digits else None
    return None


def missing_packages() -> list[str]:
    """Return the Debian packages of the programs that are not installed."""
    return sorted({package for program, package in PROGRAMS.items() if find(program) is None})


def hindrance() -> str | None:
    """Return why this machine cannot run the cluster, None if it can."""
    if platform.system() != "Linux" or platform.machine() not in ("x86_64", "aarch64"):
        return f"a node needs Linux on amd64 or arm64, this is {platform.system()} on {platform.machine()}"
    if os.geteuid() != 0:
        return "a node needs root: namespaces, mounts, cgroups"
    if missing := missing_packages():
        return f"not installed: {', '.join(missing)} (Debian: apt-get install {' '.join(missing)})"
    go = find("go")
    if go is None:
        return f"Go is not installed; Kubernetes is built from Go modules, with Go {version_text(MINIMUM_GO)} or newer"
    output = subprocess.run([go, "version"], capture_output=True, text=True, check=False).stdout
    found = go_version(output)
    if found is None or found < MINIMUM_GO:
        return f"Go is too old: {output.strip() or go}; {version_text(MINIMUM_GO)} or newer is needed"
    return None


def version_text(version: tuple[int, int]) -> str:
    """Write a version with its dot."""
    return ".".join(map(str, version))


def cache_root(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder that keeps what is made once a machine."""
    base = environ.get("XDG_CACHE_HOME") or ""
    # The specification has relative paths ignored.
    return (Path(base) if base.startswith("/") else Path.home() / ".cache") / "berth"


@contextlib.contextmanager
def locked(name: str, say: Say) -> Iterator[None]:
    """Let processes take turns."""
    folder = cache_root()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting: another process is at work on {name}")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def made_once(name: str, make: Callable[[Path], None], say: Say) -> Path:
    """Return a folder of the cache, made now if it is not there.

    Args:
        name: Changes with whatever the content depends on.
        make: Fills a folder; what it leaves when it fails is thrown away.
        say: Tells the user what is happening.
    """
    folder = cache_root() / name
    with locked(name, say):
        if not folder.is_dir():
            unfinished = folder.with_name(f"{name}.unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir(parents=True)
            make(unfinished)
            unfinished.rename(folder)
    return folder
