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

from components.berths.eks import files
from components.service.cron import kubernetes_cron
from components.service.spec import ServiceSpec, Sidecar

CHART = Path(__file__).resolve().parents[3] / "charts" / "service"
MIN_READY_SECONDS = 30
"""Auto Mode's controller knows no readiness gates: a rollout waits this long instead for two health checks."""
WORKER_READY_SECONDS = 10
"""Nobody checks a worker's health from outside; one that ends at once must not take the place of one that works."""
DRAIN_SECONDS = 15
"""Longer than a load balancer takes to hear of a leaving target."""
ON_DEMAND = "0 0 1 1 *"
"""A CronJob must have a schedule; one that is suspended keeps to none."""


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
    suspended: bool = False
    """Whether a job does not run by its schedule here, but on demand only."""


def chart_values(service: ServiceSpec, release: Release) -> dict[str, Any]:
    """Return the values of ``charts/service``. Every one is known at preview."""
    security, ports = service.security, [endpoint.port for endpoint in service.endpoints]
    return {
        "image": {"reference": service.image},
        "command": list(service.entrypoint or ()),
        "args": list(service.command or ()),
        # A name has 15 characters at most, so it is not the user's.
        "ports": [{"name": f"port-{port}" if index else "http", "port": port} for index, port in enumerate(ports)],
        "job": _job(service, release),
        "resources": _resources(
            service.cpu - sum(sidecar.cpu for sidecar in service.sidecars),
            service.memory - sum(sidecar.memory for sidecar in service.sidecars),
        ),
        "replicas": {
            "min": service.scale.fewest,
            "max": service.scale.most,
            "cpuTarget": service.scale.cpu_percent,
            "memoryTarget": service.scale.memory_percent,
        },
        "environment": dict(service.environment),
        "bindings": {
            "configMap": release.config_map,
            "secret": release.secret,
            "secrets": secrets_name(service.name) if service.secrets else "",
            "initSecret": release.init_secret,
        },
        "files": files.volumes(service.name, service.files),
        "sidecars": [_sidecar(service.name, sidecar) for sidecar in service.sidecars],
        "initCommand": list(service.init_command or ()),
        "probes": {"command": list(service.health_command or ())}
        | {
            key: path
            for endpoint in service.endpoints[:1]
            for key, path in (("livePath", endpoint.health_path), ("readyPath", service.ready_path))
        },
        "minReadySeconds": MIN_READY_SECONDS if ports else WORKER_READY_SECONDS,
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


def secrets_name(service: str, sidecar: str = "") -> str:
    """Return the name of the Secret that holds what a container is given of secrets that exist elsewhere.

    Args:
        service: the service's name.
        sidecar: whose it is; empty for the service's own container.
    """
    return "-".join(part for part in (service, sidecar, "secrets") if part)


def _resources(cpu: int, memory: int) -> dict[str, str]:
    return {"cpu": f"{cpu * 1000 // 1024}m", "memory": f"{memory}Mi"}  # 1024 ECS units are 1000 millicores


def _job(service: ServiceSpec, release: Release) -> dict[str, Any] | None:
    job = service.job
    if job is None:
        return None
    return {
        "schedule": kubernetes_cron(job.schedule or ON_DEMAND),
        "timezone": job.timezone,
        "suspended": release.suspended or job.schedule is None,
        "timeoutSeconds": job.timeout_seconds,
        "retries": job.retries,
    }


def _sidecar(service: str, sidecar: Sidecar) -> dict[str, Any]:
    return {
        "name": sidecar.name,
        "image": sidecar.image,
        "command": list(sidecar.entrypoint or ()),
        "args": list(sidecar.command or ()),
        "port": sidecar.port,
        "resources": _resources(sidecar.cpu, sidecar.memory),
        "environment": dict(sidecar.environment),
        "secret": secrets_name(service, sidecar.name) if sidecar.secrets else "",
        "healthCommand": list(sidecar.health_command or ()),
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
