"""What a function is run by on this machine, made once and kept outside of the project: AWS's emulator and adapter."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from berth.rehearse.errors import RehearsalError
from berth.rehearse.podman import shortened

EMULATOR: Final = "github.com/aws/aws-lambda-runtime-interface-emulator"
EMULATOR_VERSION: Final = "v0.0.0-20261030222936-bef5c4ba774d"
ADAPTER: Final = "lambda_web_adapter"
BUILD_SECONDS: Final = 1800
"""The adapter takes 6 minutes on two cores that have nothing else to do."""


def cache() -> Path:
    """Return the folder of what is kept."""
    base = os.environ.get("XDG_CACHE_HOME") or ""
    return (Path(base) if os.path.isabs(base) else Path.home() / ".cache") / "berth"


def emulator_path() -> Path:
    """Return where the emulator is, once it is made."""
    return cache() / f"lambda-emulator-{EMULATOR_VERSION}" / "aws-lambda-rie"


def adapter_path(version: str) -> Path:
    """Return where the adapter is, once it is made."""
    return cache() / f"lambda-adapter-{version}" / "bin" / "lambda-adapter"


def lacks() -> str:
    """Return what is missing on this machine to run a function, empty if nothing is."""
    if emulator_path().is_file() or shutil.which("go"):
        return ""
    return "Lambda's emulator is made by go, which is not installed"


def emulator() -> Path:
    """Return the emulator's path; made by go where it is not there.

    Raises:
        RehearsalError: It cannot be made.
    """
    path = emulator_path()
    command = ["go", "install", f"{EMULATOR}/cmd/aws-lambda-rie@{EMULATOR_VERSION}"]
    return _made(path, command, {"GOBIN": str(path.parent), "CGO_ENABLED": "0"}, "Lambda's emulator")


def adapter(version: str) -> Path:
    """Return the path of the Lambda Web Adapter; made by cargo where it is not there.

    Args:
        version: The crate's, which is the image's as well.

    Raises:
        RehearsalError: It cannot be made.
    """
    path = adapter_path(version)
    if path.is_file():
        return path
    root = str(path.parent.parent)
    # Static, since it goes into whatever image: for which the target has to be named, or its build's own tools fail.
    command = ["cargo", "install", ADAPTER, f"--version={version}", "--locked", f"--root={root}", f"--target={_host()}"]
    return _made(path, command, {"RUSTFLAGS": "-C target-feature=+crt-static"}, "the Lambda Web Adapter")


def _host() -> str:
    try:
        said = subprocess.run(["rustc", "-vV"], capture_output=True, text=True, check=False, timeout=60).stdout
    except OSError:
        said = ""
    return next((line.partition(": ")[2] for line in said.splitlines() if line.startswith("host: ")), "unknown")


def _made(path: Path, command: Sequence[str], extra: dict[str, str], what: str) -> Path:
    """Return what a command makes, by one rehearsal at a time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with (path.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if path.is_file():
            return path
        if shutil.which(command[0]) is None:
            raise RehearsalError(
                f"{what} is made by {command[0]}, which is not installed\n"
                f"  install it, or leave the berth lambda out of what is rehearsed"
            )
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                text=True,
                check=False,
                timeout=BUILD_SECONDS,
                env={**os.environ, **extra},
                cwd=path.parent,
            )
        except subprocess.TimeoutExpired:
            raise RehearsalError(f"{what} was not made within {BUILD_SECONDS} s: {' '.join(command)}") from None
        if done.returncode or not path.is_file():
            raise RehearsalError(f"{what} could not be made:\n{shortened(done.stderr.splitlines(), 8)}")
    return path
