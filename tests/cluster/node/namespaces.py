"""The node's namespaces: processes, mounts, network, and whatever is started in them ends when its first process does.

The first process is killed by the kernel when the thread that started it ends, in whatever way. With it go all
processes of its process-id namespace, containers included, all mounts, network interfaces and firewall rules.
"""

from __future__ import annotations

import os
import select
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from . import addresses, config
from .machine import ClusterError, find, search_path

READY_SECONDS = 20.0
UNSHARE = (
    *("setpriv", "--pdeathsig=KILL"),
    *("unshare", "--fork", "--kill-child=KILL", "--propagation=private", "--pid", "--mount", "--net", "--uts", "--ipc"),
)
ENVIRONMENT = {
    "PATH": f"{config.PROGRAMS}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "KUBECONFIG": f"{config.PKI}/admin.kubeconfig",
}


class Namespaces:
    """A machine within the machine."""

    def __init__(self, state: Path, rootfs: Path, programs: Path) -> None:
        """Make the namespaces and mount everything; nothing runs in them yet but their first process.

        Args:
            state: An empty folder of the node's own.
            rootfs: Debian root file system; it is not written to.
            programs: Folder of Kubernetes' programs.

        Raises:
            ClusterError: This machine does not allow it.
        """
        self.logs = state / "logs"
        for name in ("upper", "work", "root", "lib", "logs"):
            (state / name).mkdir()
        for path, content in config.files(snapshotter(state)).items():
            target = state / "upper" / path.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content)
        self._state, self._rootfs, self._programs = state, rootfs, programs
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    def open(self) -> None:
        """Start the first process, and connect it with this machine.

        Raises:
            ClusterError: This machine does not allow it.
        """
        log = self.logs / "init.log"
        with log.open("wb") as sink:
            self._unshare = subprocess.Popen(
                [
                    *UNSHARE,
                    "sh",
                    "-c",
                    config.init_script(),
                    "sh",
                    *map(str, (self._rootfs, self._state, self._programs)),
                ],
                env={**os.environ, "PATH": search_path()},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=sink,
                # A Ctrl-C is for whoever started the node, who then ends it.
                start_new_session=True,
            )
        assert self._unshare.stdout
        # The line may not come, and then nothing may: do not wait for it for ever.
        answered, _, _ = select.select([self._unshare.stdout], [], [], READY_SECONDS)
        line = self._unshare.stdout.readline() if answered else b""
        if line.strip() != b"ready":
            self._unshare.kill()
            raise ClusterError(f"the node's namespaces cannot be set up: {log.read_text(errors='replace').strip()}")
        children = Path(f"/proc/{self._unshare.pid}/task/{self._unshare.pid}/children").read_text()
        self.first = int(children)
        self._connect()

    def _connect(self) -> None:
        """Lay a link between this machine and the node; this machine reaches pods and Services by way of it."""
        ip = str(find("ip"))
        for command in (
            f"link add {addresses.LINK} type veth peer name eth0 netns {self.first}",
            f"address add {addresses.HOST}/30 dev {addresses.LINK}",
            f"link set {addresses.LINK} up",
        ):
            _check([ip, *command.split()])
        for command in (
            f"ip address add {addresses.NODE}/30 dev eth0",
            "ip link set eth0 up",
            f"ip route add default via {addresses.HOST}",
        ):
            self.run(command.split())
        for network in (addresses.PODS, addresses.SERVICES):
            _check([ip, "route", "add", network, "via", addresses.NODE, "dev", addresses.LINK])

    def command(self, program: Sequence[str]) -> list[str]:
        """Return the command line that runs a program on the node."""
        settings = [f"{key}={value}" for key, value in ENVIRONMENT.items()]
        enter = [str(find("nsenter")), f"--target={self.first}", "--all", "--root", "--wd"]
        return [*enter, "--", "/usr/bin/env", "-i", *settings, *program]

    def run(self, program: Sequence[str], stdin: IO[bytes] | None = None, timeout: float = 60.0) -> str:
        """Run a program on the node to its end and return what it wrote.

        Raises:
            ClusterError: It failed.
        """
        return _check(self.command(program), stdin, timeout)

    def start(self, name: str, program: Sequence[str]) -> None:
        """Start a program on the node, with a log of its own."""
        with (self.logs / f"{name}.log").open("wb") as sink:
            self._children[name] = subprocess.Popen(
                self.command(program),
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def ended(self) -> str | None:
        """Return which program has ended, with the end of its log; None while all run."""
        for name, child in self._children.items():
            if child.poll() is not None:
                tail = (self.logs / f"{name}.log").read_text(errors="replace").splitlines()[-15:]
                return f"{name} ended with {child.returncode}:\n" + "\n".join(f"    {line}" for line in tail)
        return None

    def reap(self) -> None:
        """Wait for the ends of what was started, once the first process is gone."""
        for child in (*self._children.values(), self._unshare):
            child.wait(30)
        if self._unshare.stdout:
            self._unshare.stdout.close()


def snapshotter(folder: Path) -> str:
    """Return how containerd can stack layers in a folder: an overlay does not lie on an overlay."""
    output = subprocess.run(
        ["stat", "--file-system", "--format=%T", folder], capture_output=True, text=True, check=True
    )
    return "native" if output.stdout.strip() == "overlayfs" else "overlayfs"


def _check(command: Sequence[str], stdin: IO[bytes] | None = None, timeout: float = 60.0) -> str:
    output = subprocess.run(
        command, stdin=stdin or subprocess.DEVNULL, capture_output=True, timeout=timeout, check=False
    )
    if output.returncode:
        program = " ".join(command[command.index("-i") + 4 :] if "-i" in command else command)
        raise ClusterError(f"{program} failed: {(output.stderr or output.stdout).decode(errors='replace').strip()}")
    return output.stdout.decode(errors="replace")
