"""Replicas by the clock: a CronJob for each time, which tells the autoscaler its bounds. Pure.

An autoscaler knows no clock, and Auto Mode brings nothing that has one. So each of ``schedules`` is a CronJob that runs
kubectl for a moment, confined as the service is, with the right to change this autoscaler and this Deployment's number
of replicas, and nothing else. An autoscaler keeps one replica at least, and leaves a Deployment that has none alone
(Kubernetes, "Horizontal Pod Autoscaling", implicit maintenance-mode deactivation): none and some again is said to the
Deployment itself.
"""

from __future__ import annotations

import json
from typing import Any

from components.berths.eks.confined import account_with, calls_out, container_context, labels, pod_spec
from components.service.cron import kubernetes_cron
from components.service.spec import Scheduled, ServiceSpec

IMAGE = "registry.k8s.io/kubectl:v1.34.4"
"""kubectl and nothing else, not even a shell. It is for API servers of the minor versions next to its own, too."""


def timetable_name(service: ServiceSpec) -> str:
    """Return the name of the timetable's objects, and the beginning of its CronJobs'."""
    return f"{service.name}-clock"


def timetable(service: ServiceSpec) -> list[dict[str, Any]]:
    """Return all that scales the service by the clock; nothing where it has no ``schedules``."""
    scheduled = service.scale.scheduled
    if not scheduled:
        return []
    name, namespace = timetable_name(service), service.name
    # A patch of kubectl reads first.
    verbs, names = ["get", "patch"], [service.name]
    rules = [
        {
            "apiGroups": ["autoscaling"],
            "resources": ["horizontalpodautoscalers"],
            "resourceNames": names,
            "verbs": verbs,
        }
    ]
    if _rests(service):
        rules.append(
            {"apiGroups": ["apps"], "resources": ["deployments/scale"], "resourceNames": names, "verbs": verbs}
        )
    return [
        *account_with(name, namespace, rules),
        calls_out(name, namespace),
        *(_cron_job(service, f"{name}-{index}", one) for index, one in enumerate(scheduled)),
    ]


def _rests(service: ServiceSpec) -> bool:
    """Return whether at some time none of it runs."""
    return 0 in {service.scale.fewest, *(one.fewest for one in service.scale.scheduled)}


def _steps(service: ServiceSpec, scheduled: Scheduled) -> list[list[str]]:
    """Return kubectl's arguments, one command after the other."""

    def patch(spec: dict[str, int], *what: str) -> list[str]:
        return ["patch", *what, "--type=merge", f"--patch={json.dumps({'spec': spec})}", "--cache-dir=/tmp"]

    replicas = patch({"replicas": scheduled.fewest}, "deployment", service.name, "--subresource=scale")
    if scheduled.fewest == 0:
        return [replicas]
    bounds = {"minReplicas": scheduled.fewest, "maxReplicas": scheduled.most}
    return [patch(bounds, "hpa", service.name), *([replicas] if _rests(service) else [])]


def _cron_job(service: ServiceSpec, name: str, scheduled: Scheduled) -> dict[str, Any]:
    *first, last = [
        {
            "name": f"step-{index}",
            "image": IMAGE,
            "args": arguments,
            "securityContext": container_context(service.security),
            "resources": {"requests": {"cpu": "10m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}},
            "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],
        }
        for index, arguments in enumerate(_steps(service, scheduled))
    ]
    account = timetable_name(service)
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": name, "namespace": service.name},
        "spec": {
            "schedule": kubernetes_cron(scheduled.cron),
            "timeZone": scheduled.timezone,
            "concurrencyPolicy": "Replace",
            # Too late is better than not at all, until the next time is near.
            "startingDeadlineSeconds": 600,
            "successfulJobsHistoryLimit": 1,
            "failedJobsHistoryLimit": 1,
            "jobTemplate": {
                "spec": {
                    "backoffLimit": 4,
                    "activeDeadlineSeconds": 900,
                    "template": {
                        "metadata": {"labels": labels(account)},
                        "spec": {
                            **pod_spec(service, account),
                            "restartPolicy": "Never",
                            "initContainers": first,
                            "containers": [last],
                            "volumes": [{"name": "tmp", "emptyDir": {}}],
                        },
                    },
                }
            },
        },
    }
