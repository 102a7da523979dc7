"""Upstream's evaluator, built once a machine: `go/` pins the module that it comes from, and every byte of it."""

from __future__ import annotations

import functools
import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from policy.rules.kubernetes.podrule import NEWEST

SOURCE = Path(__file__).parent / "go"
MODULE = "k8s.io/pod-security-admission"
SECONDS = 900


def pinned() -> str:
    """Return the version of upstream's module that is asked, such as v0.37.2."""
    match = re.search(rf"^\s*{re.escape(MODULE)} (v\S+)", (SOURCE / "go.mod").read_text(), re.MULTILINE)
    assert match is not None, f"go.mod does not require {MODULE}"
    return match[1]


@functools.cache
def binary() -> Path:
    """Return the oracle; skip the test where there is no `go`, or where it cannot get the modules."""
    _modules()
    program = _cache() / _digest() / "oracle"
    if not program.exists():
        program.parent.mkdir(parents=True, exist_ok=True)
        # Two runs may build at once: whoever is done last replaces a file by the same one.
        unfinished = program.with_name(f"oracle.{os.getpid()}")
        built = _go("build", "-trimpath", "-o", str(unfinished), ".")
        # Not a skip: the modules are there, so this is our own fault.
        assert built.returncode == 0, built.stderr
        unfinished.replace(program)
    return program


@functools.cache
def fixture_folder() -> Path:
    """Return the folder of upstream's own fixtures, one folder a level and version."""
    _modules()
    folder = Path(_go("list", "-m", "-f", "{{.Dir}}", MODULE).stdout.strip()) / "test" / "testdata"
    assert (folder / "restricted" / f"v1.{NEWEST}").is_dir(), f"{MODULE} {pinned()} has no fixtures for v1.{NEWEST}"
    return folder


@functools.cache
def _modules() -> None:
    if shutil.which("go") is None:
        pytest.skip("not run: no `go` to build Kubernetes' own evaluator with")
    done = _go("mod", "download")
    if done.returncode:
        # An old go says so here, too.
        why = (done.stderr.strip().splitlines() or ["no message"])[-1]
        pytest.skip(f"not run: `go` cannot get {MODULE} {pinned()}: {why}")


def _go(*arguments: str) -> subprocess.CompletedProcess[str]:
    # The machine's own go, and nothing but what go.sum names: whatever its user set up for other work.
    environment = os.environ | {"GOFLAGS": "-mod=readonly -buildvcs=false", "GOTOOLCHAIN": "local", "GOWORK": "off"}
    return subprocess.run(
        ["go", *arguments], cwd=SOURCE, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
    )


def _cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "berth" / "oracle"


def _digest() -> str:
    """Name what is built: another source, module or compiler is another program."""
    digest = hashlib.sha256(_go("env", "GOVERSION", "GOOS", "GOARCH").stdout.encode())
    for name in ("go.mod", "go.sum", "main.go"):
        digest.update((SOURCE / name).read_bytes())
    return digest.hexdigest()[:16]
