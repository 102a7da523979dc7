"""Upstream's code, built once a machine: each folder pins the module that it comes from, and every byte of it."""

from __future__ import annotations

import functools
import hashlib
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from policy.rules.kubernetes.podrule import NEWEST

SECONDS = 900


@dataclass(frozen=True)
class Upstream:
    """A Go program around one of upstream's modules."""

    folder: str
    module: str
    package: str = "."
    """What is built: our program around the module, or one that the module has."""

    @property
    def source(self) -> Path:
        """Where its go.mod stands."""
        return Path(__file__).parent / self.folder

    def pinned(self) -> str:
        """Return the version of the module that is asked, such as v0.37.2."""
        match = re.search(rf"^.*{re.escape(self.module)} (v\S+)", (self.source / "go.mod").read_text(), re.MULTILINE)
        assert match is not None, f"go.mod does not require {self.module}"
        return match[1]

    @functools.cache  # noqa: B019 -- there are few, and all live as long as the tests
    def binary(self) -> Path:
        """Return the program; skip the test where there is no `go`, or where it cannot get the modules."""
        self.download()
        program = _cache() / self._digest() / "oracle"
        if not program.exists():
            program.parent.mkdir(parents=True, exist_ok=True)
            # Two runs may build at once: whoever is done last replaces a file by the same one.
            unfinished = program.with_name(f"oracle.{os.getpid()}")
            built = self.go("build", "-trimpath", "-o", str(unfinished), self.package)
            # Not a skip: the modules are there, so this is our own fault.
            assert built.returncode == 0, built.stderr
            unfinished.replace(program)
        return program

    @functools.cache  # noqa: B019
    def download(self) -> None:
        """Get the modules; skip the test where that fails."""
        if shutil.which("go") is None:
            pytest.skip(f"not run: no `go` to build {self.module} with")
        done = self.go("mod", "download")
        if done.returncode:
            # An old go says so here, too.
            why = (done.stderr.strip().splitlines() or ["no message"])[-1]
            pytest.skip(f"not run: `go` cannot get {self.module} {self.pinned()}: {why}")

    def go(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the machine's own go, with nothing but what go.sum names: whatever its user set up for other work."""
        environment = os.environ | {"GOFLAGS": "-mod=readonly -buildvcs=false", "GOTOOLCHAIN": "local", "GOWORK": "off"}
        return subprocess.run(
            ["go", *arguments],
            cwd=self.source,
            env=environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )

    def _digest(self) -> str:
        """Name what is built: another source, module or compiler is another program."""
        digest = hashlib.sha256(self.go("env", "GOVERSION", "GOOS", "GOARCH").stdout.encode())
        for name in ("go.mod", "go.sum", "main.go", "../lines/lines.go"):
            digest.update((self.source / name).read_bytes())
        return digest.hexdigest()[:16]


PODS = Upstream("go", "k8s.io/pod-security-admission")
DOCKERFILES = Upstream("buildkit", "github.com/moby/buildkit")
UNITS = Upstream("quadlet", "github.com/containers/podman/v5", "github.com/containers/podman/v5/cmd/quadlet")


@functools.cache
def fixture_folder() -> Path:
    """Return the folder of Kubernetes' own fixtures, one folder a level and version."""
    PODS.download()
    folder = Path(PODS.go("list", "-m", "-f", "{{.Dir}}", PODS.module).stdout.strip()) / "test" / "testdata"
    assert (folder / "restricted" / f"v1.{NEWEST}").is_dir(), f"{PODS.module} {PODS.pinned()} has no v1.{NEWEST}"
    return folder


def _cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "berth" / "oracle"
