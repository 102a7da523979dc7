"""The one place that starts other programs: podman above all, and mmdebstrap where an image is made from packages."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import re
import resource
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from berth.rehearse.errors import RehearsalError
from berth.rehearse.local import HOST_INSIDE
from berth.rehearse.proc import PROC, all_parents, leaves

MINIMUM_VERSION = (4, 3)
PASTA_SINCE = (4, 4)
# What podman-run(1) names as equal to slirp4netns's network, with the gateway leading to this machine's loopback.
PASTA = f"-a,10.0.2.100,-n,24,-g,{HOST_INSIDE},--map-gw,--dns-forward,10.0.2.3,-m,1500,--no-ndp,--no-dhcpv6,--no-dhcp"
SLIRP_UNTIL = (6, 0)
DEFAULT_TIMEOUT = 60.0
END_SECONDS = 15.0
"""How long a program may take to end when it is asked to."""
# What podman gives every container it starts as root; a smaller hard limit cannot be raised without CAP_SYS_RESOURCE.
ROOT_NOFILE = 1048576
CAP_SYS_RESOURCE = 24
# Names of podman's own processes during a build; what is below them is a step of the Dockerfile.
BUILDERS = frozenset({"podman", "exe", "fuse-overlayfs", "conmon"})
# podman lowers itself to this many processes before a build's steps, which then cannot be given more.
BUILD_NPROC = 32768

# What podman says when a part of it is missing, and what to do about it.
HINTS = (
    (r"(?i)netavark: (No such file|.*iptables)", "iptables or slirp4netns"),
    (r"(?i)slirp4netns.*(not found|no such file)|(find|lookup).*slirp4netns", "slirp4netns"),
    (r"(?i)pasta.*(not found|no such file)", "passt"),
    (r"(?i)(newuidmap|newgidmap|subuid|subgid)", "uidmap"),
    (r"(?i)(catatonit|pause binary|building local pause image)", "catatonit"),
    (r"(?i)(default OCI runtime|runc|crun)\S* not found|no valid executable found for OCI runtime", "runc"),
)


@dataclass(frozen=True)
class Output:
    """How a program ended and what it wrote."""

    status: int
    out: str
    err: str

    @property
    def last_error(self) -> str:
        """The last line that says something, without podman's log prefix."""
        lines = [line for line in self.err.splitlines() if line.strip() and "level=" not in line]
        lines = lines or [line for line in (self.err or self.out).splitlines() if line.strip()] or ["no message"]
        return lines[-1].removeprefix("Error: ")


def installation_hint(package: str) -> str:
    """Return how to install a package on this kind of machine."""
    if platform.system() == "Darwin":
        return f"brew install {package}" + (" && podman machine init --now" if package == "podman" else "")
    return f"apt-get install {package}"


def require(program: str, package: str, why: str) -> str:
    """Return a program's path.

    Raises:
        RehearsalError: It is not installed; says how to install it.
    """
    # Debian keeps administration tools where an ordinary user's PATH does not reach.
    path = shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if path is None:
        raise RehearsalError(f"{program} is not installed: {why}\n  {installation_hint(package)}")
    return path


def explain(message: str) -> str:
    """Add to podman's message what to install, if it is known."""
    for pattern, package in HINTS:
        if re.search(pattern, message):
            return f"{message}\n  podman needs {package}: {installation_hint(package.partition(' ')[0])}"
    return message


def network_options(rootless: bool, version: tuple[int, ...], tools: Collection[str]) -> tuple[str, ...]:
    """Choose how the rehearsal's pods are connected.

    Each publishes a port on this machine's loopback and finds the others' there, so a network stack in user mode is all
    it takes, the same for root and for an ordinary user: a bridge would change the machine's firewall. Always named:
    left to itself ``kube play`` makes a network that stays.

    Args:
        rootless: Whether podman runs as an ordinary user; pasta needs that.
        version: Podman's.
        tools: Which of ``slirp4netns`` and ``pasta`` are installed.

    Raises:
        RehearsalError: Nothing is there that could connect it.
    """
    if "slirp4netns" in tools and version < SLIRP_UNTIL:
        return ("--network=slirp4netns:allow_host_loopback=true",)
    if rootless and "pasta" in tools and version >= PASTA_SINCE:
        return (f"--network=pasta:{PASTA}",)
    if version >= SLIRP_UNTIL and not rootless:
        raise RehearsalError("this podman has nothing to connect root's pods with\n  run berth as an ordinary user")
    package = "slirp4netns" if version < SLIRP_UNTIL else "passt"
    raise RehearsalError(f"podman has nothing to connect a pod with\n  {installation_hint(package)}")


def version_numbers(version: str) -> tuple[int, ...]:
    """Return the first two numbers of a version, to compare by."""
    return tuple(int(part) for part in re.findall(r"\d+", version)[:2])


def limits_conf(hard_nofile: int, hard_nproc: int, capabilities: int) -> str | None:
    """Return a containers.conf for a root that may not raise its own limits, None where podman's defaults work.

    Such a root is one inside another container: runc would fail to set podman's default limits.

    Args:
        hard_nofile: Hard limit of open files, -1 for none.
        hard_nproc: The same of processes.
        capabilities: This process's effective capabilities.
    """
    if capabilities >> CAP_SYS_RESOURCE & 1 or not 0 <= hard_nofile < ROOT_NOFILE:
        return None
    nproc = hard_nproc if 0 <= hard_nproc < BUILD_NPROC else BUILD_NPROC
    limits = f'"nofile={hard_nofile}:{hard_nofile}","nproc={nproc}:{nproc}"'
    return f"[containers]\ndefault_ulimits = [{limits}]\n"


class Podman:
    """Runs podman, and can end everything it has running."""

    def __init__(self) -> None:
        """Find podman and learn how it is set up.

        Raises:
            RehearsalError: It is missing, too old or does not work.
        """
        self._path = require("podman", "podman", "it runs the rehearsal's containers")
        self._running: set[subprocess.Popen[str]] = set()
        self._lock = threading.Lock()
        self._stopped = False
        self._scratch = tempfile.TemporaryDirectory(prefix="berth-")
        self.scratch = Path(self._scratch.name)
        self._environment = {**os.environ, **self._limits()}
        info = json.loads(self.run("info", "--format=json", timeout=30).out)
        self.version = str(info["version"]["Version"])
        self.rootless = bool(info["host"]["security"]["rootless"])
        self.remote = bool(info["host"].get("serviceIsRemote"))
        self.controllers = frozenset(info["host"].get("cgroupControllers") or ())
        if version_numbers(self.version) < MINIMUM_VERSION:
            raise RehearsalError(f"podman {self.version} is too old: 4.3 or newer is needed")

    def _limits(self) -> dict[str, str]:
        """Return the environment that makes podman work without the right to raise limits."""
        if platform.system() != "Linux" or os.geteuid() != 0 or "CONTAINERS_CONF" in os.environ:
            return {}
        effective = re.search(r"^CapEff:\s*(\w+)", Path("/proc/self/status").read_text(), re.MULTILINE)
        text = limits_conf(
            resource.getrlimit(resource.RLIMIT_NOFILE)[1],
            resource.getrlimit(resource.RLIMIT_NPROC)[1],
            int(effective[1], 16) if effective else 0,
        )
        if text is None:
            return {}
        path = self.scratch / "containers.conf"
        path.write_text(text)
        return {"CONTAINERS_CONF": str(path)}

    def network(self) -> tuple[str, ...]:
        """Return the options that connect one of this rehearsal's pods."""
        tools = [tool for tool in ("slirp4netns", "pasta") if shutil.which(tool)]
        return network_options(self.rootless, version_numbers(self.version), tools)

    def run(self, *arguments: str, stdin: str | None = None, timeout: float = DEFAULT_TIMEOUT) -> Output:
        """Run podman and expect success.

        Args:
            arguments: Command and options.
            stdin: Given on standard input; how secrets are passed, because a command line can be seen.
            timeout: Seconds.

        Raises:
            RehearsalError: It failed; carries podman's last line.
        """
        output = self.attempt(*arguments, stdin=stdin, timeout=timeout)
        if output.status:
            raise RehearsalError(f"podman {' '.join(arguments[:2])} failed: {explain(output.last_error)}")
        return output

    def attempt(
        self,
        *arguments: str,
        stdin: str | None = None,
        timeout: float = DEFAULT_TIMEOUT,
        extra: Mapping[str, str] | None = None,
    ) -> Output:
        """Run podman and return how it ended; status 124 if the time was up."""
        return self.finish([self._path, *arguments], stdin=stdin, timeout=timeout, extra=extra)

    def as_containers_root(self, *command: str, timeout: float = DEFAULT_TIMEOUT) -> Output:
        """Run another program as the root of containers' user namespace, which for a rootless podman is not ours."""
        return self.finish([*([self._path, "unshare"] if self.rootless else []), *command], timeout=timeout)

    def finish(
        self,
        command: Sequence[str],
        *,
        timeout: float = DEFAULT_TIMEOUT,
        stdin: str | None = None,
        extra: Mapping[str, str] | None = None,
    ) -> Output:
        """Run a program and return how it ended; status 124 if the time was up."""
        source = subprocess.PIPE if stdin is not None else subprocess.DEVNULL
        process = self.start(command, stdin=source, extra=extra)
        try:
            out, err = process.communicate(stdin, timeout=timeout)
            return Output(process.returncode, out, err)
        except subprocess.TimeoutExpired:
            return Output(124, "", f"it took longer than {timeout:g} s")
        finally:
            if process.poll() is None:
                if command[1] == "build":
                    _end_step(process)
                self.end(process)
            self.forget(process)

    def start(
        self,
        command: Sequence[str],
        *,
        stdin: Any = subprocess.DEVNULL,
        stdout: Any = subprocess.PIPE,
        stderr: Any = subprocess.PIPE,
        extra: Mapping[str, str] | None = None,
    ) -> subprocess.Popen[str]:
        """Start a program in a session of its own: a Ctrl-C reaches berth, which then ends what it started."""
        with self._lock:
            if self._stopped:
                raise RehearsalError("the rehearsal is being ended")
            process = subprocess.Popen(
                command,
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                text=True,
                errors="replace",
                env={**self._environment, **(extra or {})},
                start_new_session=True,
            )
            self._running.add(process)
        return process

    def command(self, *arguments: str) -> list[str]:
        """Return a podman command line for ``start``."""
        return [self._path, *arguments]

    def forget(self, process: subprocess.Popen[str]) -> None:
        """Stop keeping track of a program that has ended."""
        with self._lock:
            self._running.discard(process)

    def json(self, *arguments: str) -> Any:
        """Run podman and read its output as JSON."""
        return json.loads(self.run(*arguments).out or "null")

    def lines(self, *arguments: str) -> list[str]:
        """Run podman and return the lines it wrote."""
        return [line for line in self.run(*arguments).out.splitlines() if line.strip()]

    def image_exists(self, name: str) -> bool:
        """Return whether podman's storage has an image."""
        return self.attempt("image", "exists", name).status == 0

    def interrupt(self) -> None:
        """End every program that another thread has running, and let none start in its place until ``resume``."""
        with self._lock:
            self._stopped = True
            running = list(self._running)
        for process in running:
            self.end(process)

    def resume(self) -> None:
        """Let programs start again, to remove what there is."""
        with self._lock:
            self._stopped = False

    def end(self, process: subprocess.Popen[str]) -> None:
        """End a program and all that it started: politely first, so that it removes what it made."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(END_SECONDS)

    def close(self) -> None:
        """Remove the scratch directory."""
        self._scratch.cleanup()


def _end_step(process: subprocess.Popen[str]) -> None:
    """Make an image's build fail instead of ending it: then podman removes the build's containers and mounts itself."""
    deadline = time.monotonic() + END_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        for pid in leaves(process.pid, all_parents()):
            with contextlib.suppress(OSError):
                if (PROC / str(pid) / "comm").read_text().strip() not in BUILDERS:
                    os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=0.1)  # what it still writes must be read, or it waits


def shortened(lines: Iterable[str], count: int) -> str:
    """Return the last lines of a log, indented."""
    kept = [line.rstrip() for line in lines if line.strip()][-count:]
    return "\n".join(f"    {line}" for line in kept)
