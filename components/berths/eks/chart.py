"""ServiceSpec to the chart's values, and the chart to objects: pure, and known whole at preview.

The chart is rendered here, in the program, and every object becomes a resource of its own: the
engine does not construct a remote chart while the cluster's kubeconfig is unknown, so the first
preview of a cluster would show no pod and no policy would see one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import helm_python as helm
import yaml

from components.service.spec import ServiceSpec

CHART = Path(__file__).resolve().parents[3] / "charts" / "service"
MIN_READY_SECONDS = 30
"""Auto Mode's controller knows no readiness gates: a rollout waits this long instead for two health checks."""
DRAIN_SECONDS = 15
"""Longer than a load balancer takes to hear of a leaving target."""


@dataclass(frozen=True)
class Release:
    """What the chart needs to know beside the service itself."""

    config_map: str
    """Name of the ConfigMap with the plain bindings; empty for none."""
    secret: str
    """Name of the Secret with the secret bindings; empty for none."""
    init_secret: str
    """Name of the Secret with the bindings of the init command alone; empty for none."""
    ingress_cidrs: Sequence[str]
    """Where the load balancer's requests come from; none lets any address reach the port."""


def chart_values(service: ServiceSpec, release: Release) -> dict[str, Any]:
    """Return the values of ``charts/service``. Every one is known at preview."""
    security = service.security
    return {
        "image": {"reference": service.image},
        "port": service.endpoints[0].port,
        "resources": {
            "cpu": f"{service.cpu * 1000 // 1024}m",  # 1024 ECS units are 1000 millicores
            "memory": f"{service.memory}Mi",
        },
        "replicas": {
            "min": service.scale.fewest,
            "max": service.scale.most,
            "cpuTarget": service.scale.cpu_percent,
        },
        "environment": dict(service.environment),
        "bindings": {"configMap": release.config_map, "secret": release.secret, "initSecret": release.init_secret},
        "initCommand": list(service.init_command or ()),
        "probes": {"livePath": service.endpoints[0].health_path, "readyPath": service.ready_path},
        "minReadySeconds": MIN_READY_SECONDS,
        "drainSeconds": DRAIN_SECONDS,
        "shutdownSeconds": service.shutdown_seconds,
        # runAsNonRoot and privileged have no counterpart elsewhere: the chart's own defaults say them.
        "security": {
            "uid": security.uid,
            "gid": security.gid,
            "seccompProfile": security.seccomp_profile,
            "dropCapabilities": list(security.drop_capabilities),
            "readOnlyRoot": security.read_only_root,
            "allowPrivilegeEscalation": not security.no_new_privileges,
            "writablePaths": list(security.writable_paths),
        },
        "networkPolicy": {
            "ingressCidrs": list(release.ingress_cidrs),
            "egressPorts": sorted({443, *(reach.port for reach in service.reach)}),
        },
        "nodeSelector": {"kubernetes.io/arch": service.architecture},
    }


def render(name: str, namespace: str, values: dict[str, Any], chart: Path = CHART) -> list[dict[str, Any]]:
    """Render a chart and return its objects, sorted by kind and name.

    Raises:
        helm_python.HelmError: the values do not fit the chart's schema, or a template fails.
    """
    manifests = helm.Chart.load(chart).render(values, name=name, namespace=namespace)
    objects = [
        item
        for path in sorted(manifests)
        for item in yaml.load_all(manifests[path], Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        if item
    ]
    return sorted(objects, key=lambda item: (item["kind"], item["metadata"]["name"]))
