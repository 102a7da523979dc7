"""A built image: what lies in its layers, and what it is set up to do."""

from __future__ import annotations

import json
import os
import posixpath
import re
import shutil
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import pytest

from berth.rehearse.podman import Output, Podman
from components.service.spec import ContainerSecurity

ROOT: Final = Path(__file__).resolve().parents[2]
SERVICE: Final = ROOT / "services" / "biometric"
SECURITY: Final = ContainerSecurity()
SBOM: Final = "app/sbom.cdx.json"
NEEDS_PODMAN: Final = [
    pytest.mark.podman,
    pytest.mark.skipif(shutil.which("podman") is None, reason="podman is not installed"),
]
SECURE: Final = (
    "--read-only",
    "--read-only-tmpfs=false",
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges",
    # Without PostgreSQL it only starts as what it then is.
    "--env=ENVIRONMENT=development",
)
CONTAINER: Final = f"berth-tests-image-{os.getpid()}"
# podman leaves it to systemd to ask for a container's health; here the test asks, and systemd need not be there.
UNTIMED: Final = {"DISABLE_HC_SYSTEMD": "true"}


@dataclass(frozen=True)
class Built:
    """The image, in podman's storage and as an archive of its layers."""

    podman: Podman
    name: str
    archive: Path
    base: str
    """The image that it was built on."""

    @cached_property
    def config(self) -> dict[str, Any]:
        """How a container is started from it, as a registry would be told."""
        with tarfile.open(self.archive) as outer:
            written = outer.extractfile(_manifest(outer)["Config"])
            assert written is not None
            config: dict[str, Any] = json.load(written)["config"]
            return config

    @cached_property
    def layers(self) -> tuple[tuple[tarfile.TarInfo, ...], ...]:
        """What each layer holds, the lowest first; paths have neither a slash nor a dot in front."""
        layers = tuple(tuple(layer.getmembers()) for layer in self._opened())
        for member in (member for layer in layers for member in layer):
            member.name = posixpath.normpath(member.name).strip("/")
        return layers

    @cached_property
    def files(self) -> dict[str, tarfile.TarInfo]:
        """What the container sees, by its path without a slash in front."""
        return {member.name: member for layer in self.layers for member in layer}

    def read(self, path: str) -> str:
        """Return a file's text; the last layer that has it wins."""
        found = None
        for layer in self._opened():
            for member in layer:
                if posixpath.normpath(member.name).strip("/") == path and (opened := layer.extractfile(member)):
                    found = opened.read().decode()
        assert found is not None, f"the image has no {path}"
        return found

    def _opened(self) -> Iterator[tarfile.TarFile]:
        with tarfile.open(self.archive) as outer:
            for name in _manifest(outer)["Layers"]:
                member = outer.getmember(name)
                with tarfile.open(fileobj=outer.extractfile(member)) as layer:
                    yield layer

    @cached_property
    def bill(self) -> dict[str, Any]:
        """The bill of materials."""
        bill: dict[str, Any] = json.loads(self.read(SBOM))
        return bill

    @cached_property
    def dpkg(self) -> dict[str, str]:
        """Versions by package, as dpkg's list has them."""
        status = self.read("var/lib/dpkg/status")
        return dict(re.findall(r"^Package: (.+)\n(?:.+\n)*?Version: (.+)$", status, re.MULTILINE))

    def run(self, *command: str, options: Sequence[str] = SECURE) -> Output:
        """Run a command in a container of its own."""
        return self.podman.attempt(
            "run", "--rm", "--pull=never", "--network=none", *options, self.name, *command, extra=UNTIMED
        )

    def python(self, code: str, interpreter: str = "python") -> Any:
        """Run a piece of Python in the image and return what it prints, read as JSON."""
        output = self.run(interpreter, "-c", code)
        assert output.status == 0, output.err
        return json.loads(output.out)

    @contextmanager
    def started(self, *command: str, options: Sequence[str] = ()) -> Iterator[str]:
        """Give a container that runs meanwhile."""
        self.podman.attempt("rm", "--force", "--time=0", "--volumes", CONTAINER)
        name = f"--name={CONTAINER}"
        try:
            output = self.podman.attempt(
                "run", "--detach", name, "--pull=never", *SECURE, *options, self.name, *command, extra=UNTIMED
            )
            assert output.status == 0, output.err
            yield CONTAINER
        finally:
            self.podman.attempt("rm", "--force", "--time=0", "--volumes", CONTAINER)


def _manifest(archive: tarfile.TarFile) -> dict[str, Any]:
    """Return an archive's list of what the image consists of."""
    written = archive.extractfile("manifest.json")
    assert written is not None
    manifest: dict[str, Any] = json.load(written)[0]
    return manifest
