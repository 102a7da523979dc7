"""The two things a node is made of, each made once a machine: Kubernetes' programs and a Debian root file system."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import subprocess
import time
from pathlib import Path

from berth.rehearse.bases import SUITE

from .machine import ClusterError, Say, find, made_once, search_path

MODULE = Path(__file__).resolve().parents[1] / "build"
PROGRAMS = ("kube-apiserver", "kube-controller-manager", "kube-proxy", "kube-scheduler", "kubectl", "kubelet")
PARALLEL = min(os.cpu_count() or 1, 4)
"""A linker of Kubernetes takes 1.5 GiB: more at a time would want more memory than a small machine has."""

PACKAGES = ("containerd", "containernetworking-plugins", "etcd-server", "iproute2", "iptables", "runc")
UNNEEDED = ("/usr/share/man/*", "/usr/share/doc/*", "/usr/share/locale/*")


def kubernetes_version(go_mod: str) -> str:
    """Return the version that a go.mod asks for, e.g. ``v1.34.4``."""
    found = re.search(r"^\s*(?:require\s+)?k8s\.io/kubernetes (v\d+\.\d+\.\d+)(?: //.*)?$", go_mod, re.MULTILINE)
    if not found:
        raise ClusterError("go.mod does not require k8s.io/kubernetes in a released version")
    return found[1]


def linker_flags(version: str) -> str:
    """Return the flags that make the programs report their version, as Kubernetes' own build does."""
    major, minor, _ = version.removeprefix("v").split(".")
    package = "k8s.io/component-base/version"
    values = {"gitVersion": version, "gitMajor": major, "gitMinor": minor, "gitTreeState": "clean"}
    return " ".join(["-s -w", *(f"-X {package}.{key}={value}" for key, value in values.items())])


def kubernetes(say: Say) -> Path:
    """Return the folder of Kubernetes' programs, built from Go modules the first time."""
    sources = [MODULE / "go.mod", MODULE / "go.sum", MODULE / "pause" / "main.go"]
    digest = hashlib.sha256(b"\0".join(path.read_bytes() for path in sources)).hexdigest()[:12]
    version = kubernetes_version(sources[0].read_text())

    def build(folder: Path) -> None:
        say(f"building Kubernetes {version} from Go modules, once a machine: 5 to 15 minutes on two cores")
        # Nice: whoever works on this machine meanwhile goes first.
        _watched(
            "go build",
            [
                *("nice", str(find("go")), "build", f"-p={PARALLEL}", "-trimpath", "-buildvcs=false"),
                *(f"-ldflags={linker_flags(version)}", f"-o={folder}/", "tool", "./pause"),
            ],
            folder.with_name(f"{folder.name}.log"),
            say,
        )
        absent = [name for name in (*PROGRAMS, "pause") if not (folder / name).is_file()]
        if absent:
            raise ClusterError(f"go build left out {', '.join(absent)}")

    return made_once(f"kubernetes-{version}-{digest}", build, say)


def root_file_system(say: Say) -> Path:
    """Return a Debian root file system with the node's packages, made by mmdebstrap the first time.

    Installed on this machine itself they would start daemons, and change which firewall podman finds.
    """
    digest = hashlib.sha256(json.dumps([SUITE, PACKAGES, UNNEEDED, platform.machine()]).encode()).hexdigest()[:12]

    def make(folder: Path) -> None:
        say(f"making the node's root file system from Debian packages: {', '.join(PACKAGES)}")
        mirror = [os.environ["BERTH_DEBIAN_MIRROR"]] if os.environ.get("BERTH_DEBIAN_MIRROR") else []
        excluded = [f"--dpkgopt=path-exclude={pattern}" for pattern in UNNEEDED]
        _watched(
            "mmdebstrap",
            [
                *(str(find("mmdebstrap")), "--variant=minbase", f"--include={','.join(PACKAGES)}", *excluded),
                *(SUITE, str(folder), *mirror),
            ],
            folder.with_name(f"{folder.name}.log"),
            say,
        )

    return made_once(f"node-{SUITE}-{digest}", make, say)


def _watched(what: str, command: list[str], log: Path, say: Say) -> None:
    """Run a program to its end and say each minute that it is still at it.

    Raises:
        ClusterError: It failed; carries the end of its log.
    """
    environment = {**os.environ, "PATH": search_path(), "CGO_ENABLED": "0"}
    started = spoken = time.monotonic()
    with log.open("w") as sink:
        process = subprocess.Popen(command, cwd=MODULE, env=environment, stdout=sink, stderr=subprocess.STDOUT)
        try:
            while process.poll() is None:
                time.sleep(0.2)
                if time.monotonic() - spoken > 60:
                    spoken = time.monotonic()
                    say(f"  {(spoken - started) / 60:.0f} min")
        except BaseException:
            process.terminate()
            process.wait()
            raise
    if process.returncode:
        tail = "\n".join(f"    {line}" for line in log.read_text(errors="replace").splitlines()[-15:])
        raise ClusterError(f"{what} failed; its log is {log}:\n{tail}")
    say(f"  done in {time.monotonic() - started:.0f} s")
    log.unlink()
