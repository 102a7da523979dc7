"""Build the sample service's image with docker or podman, whichever is there.

python scripts/image.py
"""

from __future__ import annotations

import json
import platform
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from berth.rehearse.errors import RehearsalError  # noqa: E402
from berth.rehearse.images import ARCHITECTURES, PULL_SECONDS, Images, wanted_base  # noqa: E402
from berth.rehearse.podman import Podman  # noqa: E402
from berth.rehearse.session import one_at_a_time, signals_end_it  # noqa: E402
from berth.rehearse.workload import ImageBuild  # noqa: E402
from components.rooms.image.tag import context_tag  # noqa: E402

NAME: Final = "biometric"
CONTEXT: Final = "services/biometric"
SBOM: Final = "/app/sbom.cdx.json"
FAILED: Final = 1
NO_ENGINE: Final = 2
ANSWER_SECONDS: Final = 15


class Engine(StrEnum):
    """What builds images."""

    DOCKER = "docker"
    PODMAN = "podman"


def choose(*, docker_answers: bool, podman_installed: bool) -> Engine | None:
    """Return what builds the image: docker where its daemon answers, else podman, None if there is neither."""
    return Engine.DOCKER if docker_answers else Engine.PODMAN if podman_installed else None


def planned_build(root: Path, machine: str) -> ImageBuild:
    """Return the build for a machine's own processor; its tag is the one that a deployment gives this context.

    Args:
        root: The project's folder.
        machine: The processor, as the kernel names it.
    """
    target = f"linux/{ARCHITECTURES.get(machine, machine)}"
    tag = context_tag(root / CONTEXT, "Dockerfile", {}, target)
    return ImageBuild(f"{NAME}:{tag}", CONTEXT, f"{CONTEXT}/Dockerfile", platform=target)


def docker_command(build: ImageBuild, root: Path) -> list[str]:
    """Return the command that builds with docker."""
    names = (f"--tag={build.name}", f"--tag={NAME}:latest")
    return ["docker", "build", f"--file={root / str(build.dockerfile)}", *names, str(root / build.context)]


def summary(engine: Engine, name: str, image: Mapping[str, Any]) -> str:
    """Return what there is to know about a built image.

    Args:
        engine: Who has it.
        name: Its name.
        image: What ``image inspect`` says.
    """
    digest = image.get("Digest") or f"sha256:{str(image['Id']).removeprefix('sha256:')}"
    rows = {
        "image": f"{name}, {NAME}:latest (in {engine}'s store)",
        "size": f"{image['Size'] / 1e6:.0f} MB",
        "user": image["Config"].get("User") or "root",
        "digest": digest,
        "SBOM": f"{SBOM}; {engine} run --rm --network=none {name} cat {SBOM}",
    }
    return "\n".join(f"{key:<7} {value}" for key, value in rows.items())


def say(text: str) -> None:
    """Tell the user what is happening, at once."""
    print(text, flush=True)


def docker_answers() -> bool:
    """Return whether docker is installed and its daemon answers."""
    if shutil.which("docker") is None:
        return False
    command = ["docker", "version", "--format", "{{.Server.Version}}"]
    try:
        return subprocess.run(command, capture_output=True, check=False, timeout=ANSWER_SECONDS).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def docker_has(base: str) -> bool:
    """Return whether docker has an image, pulling it if need be."""
    inspect, pull = ["docker", "image", "inspect", base], ["docker", "pull", base]
    try:
        there = subprocess.run(inspect, capture_output=True, check=False, timeout=ANSWER_SECONDS).returncode == 0
        return there or subprocess.run(pull, check=False, timeout=PULL_SECONDS).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def build_with_docker(build: ImageBuild, root: Path) -> Mapping[str, Any]:
    """Build, showing docker's own progress; return what docker says of the image.

    Raises:
        RehearsalError: It failed, and docker has said why.
    """
    if subprocess.run(docker_command(build, root), check=False).returncode:
        raise RehearsalError(f"docker could not build {build.name}, see above")
    return _first(subprocess.run(["docker", "image", "inspect", build.name], capture_output=True, check=True).stdout)


def build_with_podman(build: ImageBuild, root: Path) -> Mapping[str, Any]:
    """Build, on a base made from Debian packages where no registry is reached; return what podman says of the image.

    Raises:
        RehearsalError: It failed; says why.
    """
    podman = Podman()
    try:
        with signals_end_it(), one_at_a_time("images"):
            images = Images(podman, say)
            # Only docker's format has a place for HEALTHCHECK.
            images.build(build, root, options=("--format=docker", f"--tag={NAME}:latest"), progress=say)
            for note in images.notes:
                say(f"note: {note}")
            return _first(podman.run("image", "inspect", build.name).out)
    finally:
        podman.close()


def _first(inspected: str | bytes) -> Mapping[str, Any]:
    found: Sequence[Mapping[str, Any]] = json.loads(inspected)
    return found[0]


def main() -> int:
    """Build the image and say what came of it; return the exit status."""
    build = planned_build(ROOT, platform.machine())
    podman_installed = shutil.which("podman") is not None
    engine = choose(docker_answers=docker_answers(), podman_installed=podman_installed)
    base = wanted_base(build, (ROOT / str(build.dockerfile)).read_text())
    if engine is Engine.DOCKER and base and not docker_has(base):
        if not podman_installed:
            print(
                f"docker cannot pull {base}, and podman, which could make a base from Debian packages, is not installed"
                "\n  install podman and mmdebstrap (as root on Debian: make system)",
                file=sys.stderr,
            )
            return FAILED
        say(f"docker cannot pull {base}; podman builds instead, on a base of its own if need be")
        engine = Engine.PODMAN
    if engine is None:
        print(
            "neither docker nor podman can build an image here: docker's daemon does not answer or docker is not"
            " installed, and podman is not installed"
            "\n  start docker, or install podman (as root on Debian: make system)",
            file=sys.stderr,
        )
        return NO_ENGINE
    say(f"building {build.name} with {engine}")
    try:
        image = (build_with_docker if engine is Engine.DOCKER else build_with_podman)(build, ROOT)
    except RehearsalError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    say(summary(engine, build.name, image))
    return 0


if __name__ == "__main__":
    sys.exit(main())
