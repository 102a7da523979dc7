"""What keeps the pods' logs: one small collector that reads them from the API server. Pure.

It runs as everything else here does: not as root, in the namespace that enforces ``restricted``, with nothing of its
node. Its rights are those of one Role, to see the namespace's pods and read their logs, and of one IAM role, to write
to the service's log group. Why so, and what else there is: docs/decisions/0014-logs-on-eks-by-the-api-server.md.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from components.berths.eks.confined import account_with, calls_out, container_context, labels, pod_spec
from components.service.spec import ServiceSpec

IMAGE = "docker.io/grafana/alloy:v1.18.1"
LOG_STREAM = "pods"
"""The one stream; CloudWatch's OTLP endpoint wants it to be there. Each line says which pod and container it is of."""
PORT = 12345
CONFIG = "config.alloy"
"""Key of the ConfigMap, and the file it becomes."""


def collector_name(service: ServiceSpec) -> str:
    """Return the name of the collector's objects."""
    return f"{service.name}-logs"


def config(service: ServiceSpec, log_group: str, region: str, dns_suffix: str) -> str:
    """Return Alloy's configuration.

    Args:
        service: whose pods are read, init containers as well.
        log_group: where the lines go, into the stream ``LOG_STREAM``.
        region: region of the log group.
        dns_suffix: domain of AWS's endpoints in this partition.
    """
    headers = json.dumps({"x-aws-log-group": log_group, "x-aws-log-stream": LOG_STREAM}).replace('": ', '" = ')
    return f"""\
discovery.kubernetes "pods" {{
  role = "pod"
  namespaces {{
    names = ["{service.name}"]
  }}
  selectors {{
    role  = "pod"
    label = "app.kubernetes.io/name={service.name}"
  }}
}}

loki.source.kubernetes "pods" {{
  targets    = discovery.kubernetes.pods.targets
  forward_to = [otelcol.receiver.loki.lines.receiver]
}}

otelcol.receiver.loki "lines" {{
  output {{
    logs = [otelcol.processor.batch.lines.input]
  }}
}}

// A request of the endpoint holds 1 MB.
otelcol.processor.batch "lines" {{
  timeout             = "1s"
  send_batch_size     = 500
  send_batch_max_size = 500
  output {{
    logs = [otelcol.exporter.otlphttp.cloudwatch.input]
  }}
}}

otelcol.auth.sigv4 "cloudwatch" {{
  region  = "{region}"
  service = "logs"
}}

otelcol.exporter.otlphttp "cloudwatch" {{
  client {{
    endpoint = "https://logs.{region}.{dns_suffix}"
    headers  = {headers}
    auth     = otelcol.auth.sigv4.cloudwatch.handler
  }}
}}
"""


def rights(service: ServiceSpec) -> list[dict[str, Any]]:
    """Return the collector's account, and what it may do in the cluster: see this namespace's pods, read their logs."""
    rules = [
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch"]},
        {"apiGroups": [""], "resources": ["pods/log"], "verbs": ["get"]},
    ]
    return account_with(collector_name(service), service.name, rules)


def network_policy(service: ServiceSpec) -> dict[str, Any]:
    """Nobody reaches the collector; it reaches names, the API server, CloudWatch and the Pod Identity agent."""
    agent = {"to": [{"ipBlock": {"cidr": "169.254.170.23/32"}}], "ports": [{"port": 80, "protocol": "TCP"}]}
    return calls_out(collector_name(service), service.name, agent)


def collector(service: ServiceSpec, text: str) -> dict[str, Any]:
    """Return the collector: a StatefulSet, for there are never two of its pods, which would write each line twice.

    Where it has read to lies in an emptyDir. A new pod reads again what the nodes still hold: lines may come twice,
    and none is left out.

    Args:
        service: whose namespace, confinement and processor it shares.
        text: its configuration.
    """
    name = collector_name(service)
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": name, "namespace": service.name},
        "spec": {
            "replicas": 1,
            "serviceName": name,
            "selector": {"matchLabels": labels(name)},
            "template": {
                "metadata": {
                    "labels": labels(name),
                    "annotations": {"berth/config": hashlib.sha256(text.encode()).hexdigest()[:16]},
                },
                "spec": {
                    **pod_spec(service, name),
                    "containers": [_container(service)],
                    "volumes": [
                        {"name": "config", "configMap": {"name": name}},
                        {"name": "data", "emptyDir": {}},
                        {"name": "tmp", "emptyDir": {}},
                    ],
                },
            },
        },
    }


def _container(service: ServiceSpec) -> dict[str, Any]:
    return {
        "name": "collector",
        "image": IMAGE,
        "args": [
            "run",
            f"/etc/alloy/{CONFIG}",
            "--storage.path=/var/lib/alloy/data",
            f"--server.http.listen-addr=0.0.0.0:{PORT}",
            "--disable-reporting",
        ],
        "securityContext": container_context(service.security),
        "resources": {"requests": {"cpu": "50m", "memory": "256Mi"}, "limits": {"memory": "256Mi"}},
        "ports": [{"name": "http", "containerPort": PORT, "protocol": "TCP"}],
        "readinessProbe": {"httpGet": {"path": "/-/ready", "port": "http"}, "periodSeconds": 5},
        "volumeMounts": [
            {"name": "config", "mountPath": "/etc/alloy", "readOnly": True},
            {"name": "data", "mountPath": "/var/lib/alloy/data"},
            {"name": "tmp", "mountPath": "/tmp"},
        ],
    }
