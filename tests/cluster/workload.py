"""What the stack plans for its cluster, taken out of its Plan, and put on the node with Helm."""

from __future__ import annotations

import copy
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import helm_python as helm

from berth.plan import UNKNOWN, Plan
from berth.record import record_plan
from berth.rehearse.images import ARCHITECTURES, Images
from berth.rehearse.podman import Podman
from berth.rehearse.workload import find_builds, known, plain
from components.berths.eks import workload as eks
from components.berths.eks.chart import CHART, Release, chart_values
from components.service.spec import ServiceSpec

from .node.cluster import Cluster
from .node.config import SLOW_SYNC_SECONDS

ROOT = Path(__file__).resolve().parents[2]
STACK = "eks-dev"
CHART_KINDS = frozenset(
    {"Deployment", "HorizontalPodAutoscaler", "NetworkPolicy", "PodDisruptionBudget", "Service", "ServiceAccount"}
)

Values = dict[str, Any]


@dataclass(frozen=True)
class Workload:
    """The stack's workload on Kubernetes, before this machine's values are filled in."""

    plan: Plan
    name: str
    """The release's and the Service's name."""
    namespace: str
    values: Values
    """What the program itself gives the chart."""

    def objects(self, kind: str) -> list[dict[str, Any]]:
        """Return the planned objects of a kind; data may be ``UNKNOWN``."""
        return [
            dict(resource.inputs)
            for resource in self.plan.resources
            if resource.type.startswith("kubernetes:") and resource.inputs.get("kind") == kind
        ]

    @property
    def image(self) -> str:
        """The image's reference, computed at preview."""
        reference: str = self.values["image"]["reference"]
        return reference


def planned() -> Workload:
    """Record the stack's Plan, and note what its EKS backend gives the chart while it does."""
    seen: list[tuple[ServiceSpec, Release]] = []

    def noted(service: ServiceSpec, release: Release) -> Values:
        seen.append((service, release))
        return chart_values(service, release)

    with mock.patch.object(eks, "chart_values", noted):
        plan = record_plan(STACK, ROOT)
    [(service, release)] = seen
    [namespace] = plan.of_type("kubernetes:core/v1:Namespace")
    return Workload(plan, service.name, namespace.inputs["metadata"]["name"], chart_values(service, release))


def with_values(values: Mapping[str, Any], changes: Mapping[str, Any]) -> Values:
    """Return values with some replaced, each named by its path: ``security.uid``."""
    changed = copy.deepcopy(dict(values))
    for path, value in changes.items():
        *above, last = path.split(".")
        folder = changed
        for part in above:
            folder = folder.setdefault(part, {})
        folder[last] = value
    return changed


def for_this_machine(values: Mapping[str, Any]) -> Values:
    """Return the values with what would make a test slow, or this machine's processor unfit, replaced."""
    changed = with_values(
        values,
        {
            # What a load balancer needs to notice, and there is none.
            "minReadySeconds": 2,
            "drainSeconds": 2 * SLOW_SYNC_SECONDS,
            "shutdownSeconds": 10,
            "environment.SHUTDOWN_SECONDS": "10",
            "environment.DATABASE_SSLMODE": "require",
            # Three pods at a time start on two cores that others use too.
            "resources.cpu": "50m",
            "nodeSelector": {"kubernetes.io/arch": ARCHITECTURES[platform.machine()]},
        },
    )
    # This machine's PostgreSQL has a certificate that nobody vouches for, and a file of authorities would be asked.
    changed["environment"].pop("PGSSLROOTCERT", None)
    return changed


def filled(data: Any, local: Mapping[str, str]) -> dict[str, str]:
    """Return the data of a ConfigMap or Secret with what is only known after creation filled in.

    Args:
        data: As planned.
        local: What this machine has for the planned value; wins over it.
    """
    found = {key: local.get(key, known(value)) for key, value in (known(data) or {}).items()}
    left = [key for key, value in found.items() if value is UNKNOWN]
    assert not left, f"nothing here has a value for {left}"
    return {key: str(value) for key, value in found.items()}


def surroundings(workload: Workload, local: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return what stands around the chart on the cluster: namespace, ConfigMap and Secret."""
    namespaces = [plain(one, one["metadata"]["name"]) for one in workload.objects("Namespace")]
    bindings = [
        {**one, field: filled(one[field], local)}
        for kind, field in (("ConfigMap", "data"), ("Secret", "stringData"))
        for one in workload.objects(kind)
        if one["metadata"].get("namespace") == workload.namespace
    ]
    return [*namespaces, *bindings]


def provide_image(workload: Workload, podman: Podman, images: Images, cluster: Cluster) -> None:
    """Build the service's image as the Plan builds it, and give it to the node."""
    images.provide([workload.image], find_builds(workload.plan, {workload.image}), ROOT)
    cluster.load_image(workload.image)


def install(cluster: Cluster, workload: Workload, values: Values) -> dict[str, Any]:
    """Install the chart with Helm; it does not wait for pods."""
    with helm.Config(kubeconfig_path=cluster.kubeconfig, namespace=workload.namespace) as config:
        return config.install(CHART, workload.name, values, namespace=workload.namespace, timeout=60)


def upgrade(cluster: Cluster, workload: Workload, values: Values) -> dict[str, Any]:
    """Upgrade the release; it does not wait for pods."""
    with helm.Config(kubeconfig_path=cluster.kubeconfig, namespace=workload.namespace) as config:
        return config.upgrade(CHART, workload.name, values, namespace=workload.namespace, timeout=60)
