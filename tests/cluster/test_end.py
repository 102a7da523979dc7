"""However a node's parent ends, nothing of the node is left on this machine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from berth.rehearse.proc import PROC, all_parents, descendants

from .node.api import Api, wait_for
from .node.cluster import PROJECT, prepare
from .node.config import MACHINE_SETTINGS, PAUSE_IMAGE
from .node.janitor import clean, leftovers
from .node.machine import Say, hindrance, locked

pytestmark = pytest.mark.cluster
# What only a node runs; containers' first processes among them.
PROGRAMS = ("containerd", "containerd-shim-runc-v2", "etcd", "kube-apiserver", "kubelet", "kube-proxy", "pause")
ACCOUNT = "/api/v1/namespaces/default/serviceaccounts/default"
PODS = "/api/v1/namespaces/default/pods"
POD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "lasting", "namespace": "default"},
    "spec": {"containers": [{"name": "main", "image": PAUSE_IMAGE, "imagePullPolicy": "Never"}]},
}


@dataclass(frozen=True)
class Parent:
    """A process that started a node."""

    process: subprocess.Popen[str]
    state: Path
    namespaces: frozenset[str]
    """Of the node's processes: other nodes and containers on this machine are none of ours."""

    def programs(self) -> set[str]:
        """Return which of the node's programs still run, whoever their parent is by now."""
        running = (namespace_and_name(int(entry.name)) for entry in PROC.iterdir() if entry.name.isdigit())
        return {name for namespace, name in running if namespace in self.namespaces and name in PROGRAMS}


def namespace_and_name(pid: int) -> tuple[str, str]:
    """Return a process's namespace of process ids, and the name of its program; both empty if it has ended."""
    try:
        name = (PROC / str(pid) / "cmdline").read_bytes().split(b"\0")[0].decode(errors="replace")
        return os.readlink(PROC / str(pid) / "ns/pid"), Path(name).name
    except OSError:
        return "", ""


def namespaces_of(parent: int) -> frozenset[str]:
    """Return the namespaces that a process has made for what it started."""
    family = descendants(parent, all_parents())
    return frozenset(namespace_and_name(pid)[0] for pid in family) - {"", namespace_and_name(parent)[0]}


def machine_settings() -> dict[str, str]:
    """Return the settings that a kubelet would like to change."""
    paths = {name: Path("/proc/sys") / name for name in MACHINE_SETTINGS}
    return {name: path.read_text() for name, path in paths.items() if path.exists()}


@pytest.fixture
def parent(say: Say) -> Iterator[Parent]:
    """A process that started a node, with a pod on it."""
    if why := hindrance():
        pytest.skip(f"no Kubernetes node: {why}")
    prepare(say)
    settings = machine_settings()
    command = [sys.executable, "-m", "tests.cluster.node"]
    with subprocess.Popen(
        command, cwd=PROJECT, stdout=subprocess.PIPE, text=True, start_new_session=True,
        # A job in the background ignores Ctrl-C, and what it starts would, too.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:  # fmt: skip
        assert process.stdout
        said = []
        for line in process.stdout:
            said.append(line)
            if "KUBECONFIG=" in line:
                break
        else:
            pytest.fail("".join(said))
        pki = Path(said[-1].strip().partition("=")[2]).parent
        try:
            api = Api(pki)
            wait_for("a service account", lambda: api.ask("GET", ACCOUNT).status == 200, 20)
            api.create(POD)
            wait_for("the pod runs", lambda: api.get(f"{PODS}/lasting")["status"]["phase"] == "Running", 30)
            found = Parent(process, pki.parents[3], namespaces_of(process.pid))
            assert found.programs() == set(PROGRAMS)
            assert machine_settings() == settings, "the node has changed settings of the whole machine"
            assert str(found.state) not in Path("/proc/mounts").read_text(), "its mounts are seen outside of it"
            yield found
        finally:
            if process.poll() is None:
                process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda one: one.name)
def test_nothing_is_left_after(parent: Parent, number: signal.Signals) -> None:
    parent.process.send_signal(number)
    parent.process.wait(60)
    wait_for(
        "nothing is left",
        lambda: not leftovers() and not parent.programs(),
        30,
        lambda: str([*leftovers(), *parent.programs()]),
    )


def test_the_next_node_sweeps_what_a_killed_janitor_left(parent: Parent, say: Say) -> None:
    pid = parent.process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    [janitor] = [int(child) for child in children if b"node.janitor" in Path(f"/proc/{child}/cmdline").read_bytes()]
    for victim in (janitor, pid):
        os.kill(victim, signal.SIGKILL)
    parent.process.wait(10)
    # The kernel ends the processes all the same; folders and cgroups stay.
    wait_for("its processes have ended", lambda: not parent.programs(), 30, lambda: str(parent.programs()))
    assert leftovers()
    with locked("cluster", say):
        clean()
    assert leftovers() == []
