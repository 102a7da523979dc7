"""The installed service as its tests see it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from berth.rehearse.proc import IdMap, Mount, Process, parse_mounts, parse_status

from .node.api import Answer
from .node.cluster import Cluster
from .workload import ROOT, Values, Workload

SAMPLE = ROOT / "services" / "biometric" / "sample" / "record.json"


@dataclass(frozen=True)
class Service:
    """A release of the chart on the cluster."""

    cluster: Cluster
    workload: Workload
    values: Values
    """What it was installed with."""

    def path(self, group_version: str, plural: str, name: str = "") -> str:
        """Return the API's path of the service's objects of a kind, or of one of them."""
        top = f"/apis/{group_version}" if "/" in group_version else f"/api/{group_version}"
        return f"{top}/namespaces/{self.workload.namespace}/{plural}" + (f"/{name}" if name else "")

    def get(self, group_version: str, plural: str) -> Any:
        """Read the service's object of a kind; the chart calls them all as the release."""
        return self.cluster.api.get(self.path(group_version, plural, self.workload.name))

    @property
    def url(self) -> str:
        """The Service's address inside the cluster, which this machine has a route to."""
        spec = self.get("v1", "services")["spec"]
        return f"http://{spec['clusterIP']}:{spec['ports'][0]['port']}"

    def pods(self) -> list[Any]:
        """Return the service's pods, those that are leaving included."""
        return self.cluster.api.items(
            self.path("v1", "pods"), f"labelSelector=app.kubernetes.io%2Fname%3D{self.workload.name}"
        )

    def ready_pods(self) -> list[Any]:
        """Return the pods that get requests."""
        return [pod for pod in self.pods() if is_ready(pod)]

    def evict(self, pod: str) -> Answer:
        """Ask for a pod's eviction, as a drain does."""
        metadata = {"name": pod, "namespace": self.workload.namespace}
        body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": metadata}
        return self.cluster.api.ask("POST", self.path("v1", "pods", f"{pod}/eviction"), body)


def is_ready(pod: Mapping[str, Any]) -> bool:
    """Return whether a pod gets requests."""
    conditions = pod["status"].get("conditions") or []
    leaving = "deletionTimestamp" in pod["metadata"]
    return not leaving and any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


def container_processes(pod: Mapping[str, Any]) -> list[int]:
    """Return the process ids, as this machine has them, of a pod's containers; not those of its pause container."""
    ids = [status["containerID"].rpartition("/")[2] for status in pod["status"]["containerStatuses"]]
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                cgroups = (folder / "cgroup").read_text()
            except OSError:
                continue  # it has ended meanwhile
            if any(re.search(rf"/pod{pod['metadata']['uid']}/{id}", cgroups) for id in ids):
                found.append(int(folder.name))
    return sorted(found)


def process(pid: int) -> tuple[Process, list[Mount]]:
    """Return what the kernel says of a process of a container, and of the mounts it sees."""
    folder = Path(f"/proc/{pid}")
    maps = [IdMap.parse((folder / name).read_text()) for name in ("uid_map", "gid_map")]
    return parse_status((folder / "status").read_text(), *maps), parse_mounts((folder / "mountinfo").read_text())
