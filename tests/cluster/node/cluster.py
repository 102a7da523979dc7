"""The cluster: starts in a minute, says what it is doing, and leaves nothing."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from . import addresses, config, janitor, parts, pki
from .api import Api, wait_for
from .machine import ClusterError, Say, locked
from .namespaces import Namespaces

PROJECT = Path(__file__).resolve().parents[3]
CONTAINERD_ADDRESS = ("--address", config.CONTAINERD_SOCKET, "--namespace", "k8s.io")


class Cluster:
    """One node with everything on it."""

    def __init__(self, api: Api, namespaces: Namespaces, folder: Path, timings: dict[str, float]) -> None:
        """Keep what it works with."""
        self.api = api
        self.namespaces = namespaces
        self.kubeconfig = folder / "admin.kubeconfig"
        self.timings = timings

    def kubectl(self, *arguments: str, timeout: float = 60.0) -> str:
        """Run kubectl on the node and return what it wrote.

        Raises:
            ClusterError: It failed.
        """
        return self.namespaces.run([f"{config.PROGRAMS}/kubectl", *arguments], timeout=timeout)

    def load_image(self, reference: str) -> None:
        """Give the node an image out of podman's storage; it reaches no registry.

        Raises:
            ClusterError: podman does not have it, or containerd does not take it.
        """
        importing = ["ctr", *CONTAINERD_ADDRESS, "images", "import", "-"]
        with subprocess.Popen(["podman", "save", reference], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as save:
            assert save.stderr
            try:
                self.namespaces.run(importing, stdin=save.stdout, timeout=180.0)
            except ClusterError:
                save.kill()
                raise ClusterError(f"{reference} cannot be loaded: {save.stderr.read().decode().strip()}") from None

    def explain(self) -> str:
        """Return what helps to find out why something did not happen."""
        if gone := self.namespaces.ended():
            return gone
        with contextlib.suppress(ClusterError, subprocess.TimeoutExpired):
            return "\n" + self.kubectl("get", "pods,events", "--all-namespaces", "--output=wide")
        return f"logs: {self.namespaces.logs}"


def prepare(say: Say) -> tuple[Path, Path]:
    """Make what is made once a machine; return the root file system and Kubernetes' programs."""
    programs = parts.kubernetes(say)
    return parts.root_file_system(say), programs


def build_pause(programs: Path) -> None:
    """Build the image of a pod's first container: one static program and nothing else."""
    context = ["podman", "build", "--quiet", f"--tag={config.PAUSE_IMAGE}", "--file=-", str(programs)]
    text = 'FROM scratch\nCOPY pause /pause\nUSER 65535:65535\nENTRYPOINT ["/pause"]\n'
    output = subprocess.run(context, input=text, capture_output=True, text=True, check=False)
    if output.returncode:
        raise ClusterError(f"podman build of {config.PAUSE_IMAGE} failed: {output.stderr.strip()}")


@contextlib.contextmanager
def running(say: Say) -> Iterator[Cluster]:
    """Start a cluster for as long as the block lasts; one at a time on a machine.

    Args:
        say: Tells the user what is happening.

    Raises:
        ClusterError: It does not start; names the log.
    """
    rootfs, programs = prepare(say)
    with locked("cluster", say):
        # What is still there is of a node whose janitor was killed too: the lock says that none is running.
        janitor.clean()
        state = Path(tempfile.mkdtemp(prefix=janitor.STATE_PREFIX))
        cleaner: subprocess.Popen[bytes] | None = None
        namespaces = Namespaces(state, rootfs, programs)
        try:
            started = time.monotonic()
            folder = state / "upper" / config.PKI.lstrip("/")
            pki.make(folder)
            namespaces.open()
            cleaner = subprocess.Popen(
                [sys.executable, "-m", janitor.__name__, str(namespaces.first)],
                cwd=PROJECT,
                stdin=subprocess.PIPE,
                start_new_session=True,
            )
            timings: dict[str, float] = {}
            cluster = Cluster(Api(folder), namespaces, folder, timings)
            start(cluster, programs, say)
            timings["cluster start"] = time.monotonic() - started
            say(f"the node is ready after {timings['cluster start']:.1f} s; logs are in {namespaces.logs}")
            yield cluster
        finally:
            if cleaner is None:
                shutil.rmtree(state, ignore_errors=True)
            else:
                assert cleaner.stdin
                cleaner.stdin.close()
                cleaner.wait(90)
                namespaces.reap()


def start(cluster: Cluster, programs: Path, say: Say) -> None:
    """Start the node's programs, and wait until the node is ready."""
    namespaces, api = cluster.namespaces, cluster.api
    for hierarchy in cgroup_hierarchies():
        (hierarchy / addresses.CGROUP).mkdir(exist_ok=True)
    commands = config.commands()
    for name in ("etcd", "containerd"):
        namespaces.start(name, commands.pop(name))
    say("starting etcd, containerd and the API server")
    build_pause(programs)
    namespaces.start("kube-apiserver", commands.pop("kube-apiserver"))
    wait_for("containerd answers", lambda: containerd_answers(cluster), 20, cluster.explain)
    cluster.load_image(config.PAUSE_IMAGE)
    wait_for("the API server is ready", lambda: api.ask("GET", "/readyz").status == 200, 60, cluster.explain)
    say("starting controllers, scheduler, kubelet and kube-proxy")
    for name, command in commands.items():
        namespaces.start(name, command)
    wait_for("the node is ready", lambda: node_ready(api), 60, cluster.explain)


def containerd_answers(cluster: Cluster) -> bool:
    """Return whether containerd is there."""
    try:
        cluster.namespaces.run(["ctr", *CONTAINERD_ADDRESS, "version"])
    except ClusterError:
        return False
    return True


def node_ready(api: Api) -> bool:
    """Return whether the node takes pods."""
    answer = api.ask("GET", f"/api/v1/nodes/{addresses.NODE_NAME}")
    conditions = answer.body.get("status", {}).get("conditions", []) if answer.status == 200 else []
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


def cgroup_hierarchies() -> list[Path]:
    """Return the top of each cgroup hierarchy: one with version 2, one a controller with version 1."""
    if (janitor.CGROUPS / "cgroup.controllers").exists():
        return [janitor.CGROUPS]
    return [path for path in janitor.CGROUPS.iterdir() if path.is_dir() and not path.is_symlink()]
