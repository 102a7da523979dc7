"""What stands around the chart: namespace, bindings, nodes and the target group's binding. Pure."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from components.service.spec import ServiceSpec

POD_SECURITY_LEVEL = "restricted"
"""Pod Security level that the namespace enforces, audits and warns about."""


def namespace(name: str) -> dict[str, Any]:
    """A namespace that refuses every pod that is not ``restricted``."""
    labels = {f"pod-security.kubernetes.io/{mode}": POD_SECURITY_LEVEL for mode in ("enforce", "audit", "warn")}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def config_map(name: str, namespace: str, data: Mapping[str, pulumi.Input[str]]) -> dict[str, Any]:
    """The plain bindings; values may be known only after creation."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": namespace},
        "data": dict(data),
    }


def secret(name: str, namespace: str, data: Mapping[str, pulumi.Input[str]]) -> dict[str, Any]:
    """The secret bindings."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace},
        "type": "Opaque",
        "stringData": {key: pulumi.Output.secret(value) for key, value in data.items()},
    }


def with_revision(workload: Mapping[str, Any], revision: pulumi.Input[str]) -> dict[str, Any]:
    """Return a Deployment or a CronJob whose pods are others when the revision of their bindings is another one.

    An annotation, since it may be unknown at preview: no rule of the policies reads it.
    """
    changed = copy.deepcopy(dict(workload))
    spec = changed["spec"]["jobTemplate"]["spec"] if changed["kind"] == "CronJob" else changed["spec"]
    metadata = spec["template"]["metadata"]
    metadata["annotations"] = {**metadata.get("annotations", {}), "berth/bindings": revision}
    return changed


def network_policy_switch() -> dict[str, Any]:
    """The ConfigMap that makes Auto Mode enforce network policies; without it they are only stored."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "amazon-vpc-cni", "namespace": "kube-system"},
        "data": {"enable-network-policy-controller": "true"},
    }


POOL = "services"
"""Name of the cluster's node class and node pool."""


def node_class(
    role: str,
    subnet_ids: Sequence[pulumi.Input[str]],
    security_group_ids: Sequence[pulumi.Input[str]],
) -> dict[str, Any]:
    """How Auto Mode's machines look: in our subnets, in the services' security group.

    The default class knows only the cluster's own group, which the database does not admit.
    """
    return {
        "apiVersion": "eks.amazonaws.com/v1",
        "kind": "NodeClass",
        "metadata": {"name": POOL},
        "spec": {
            "role": role,
            "subnetSelectorTerms": [{"id": id} for id in subnet_ids],
            "securityGroupSelectorTerms": [{"id": id} for id in security_group_ids],
            "networkPolicy": "DefaultAllow",  # pods no policy selects keep their connections
            "ephemeralStorage": {"size": "40Gi"},
        },
    }


def most_vcpus(services: Sequence[ServiceSpec], zones: int) -> int:
    """Return the vCPUs that the services' machines may have together, so that no mistake starts machines without end.

    Room for every replica at its largest, whatever the clock says, and of each the one that a rollout adds, at 4 GiB a
    vCPU (family m; the leanest, c, has 2); a machine of 2 vCPUs in each zone for what each machine runs beside them;
    and all of it twice, since Auto Mode starts a machine's successor before it ends the machine.
    """
    cpu = sum((service.scale.greatest + 1) * service.cpu for service in services)
    memory = sum((service.scale.greatest + 1) * service.memory for service in services)
    needed = max(math.ceil(cpu / 1024), math.ceil(memory / (4 * 1024)))
    return 2 * (needed + 2 * zones)


def node_pool(services: Sequence[ServiceSpec], zones: int) -> dict[str, Any]:
    """Which machines Auto Mode may start: the images' architectures, on demand, so many; empty ones go.

    The built-in pool ``general-purpose`` starts amd64 machines only. Auto Mode itself replaces each machine within 21
    days, with its newest AMI (EKS user guide, "Auto Mode: managed instances").
    """

    def requirement(key: str, *values: str) -> dict[str, Any]:
        return {"key": key, "operator": "In", "values": list(values)}

    return {
        "apiVersion": "karpenter.sh/v1",
        "kind": "NodePool",
        "metadata": {"name": POOL},
        "spec": {
            "template": {
                "spec": {
                    "nodeClassRef": {"group": "eks.amazonaws.com", "kind": "NodeClass", "name": POOL},
                    "requirements": [
                        requirement("kubernetes.io/arch", *sorted({service.architecture for service in services})),
                        requirement("karpenter.sh/capacity-type", "on-demand"),
                        requirement("eks.amazonaws.com/instance-category", "c", "m", "r"),
                        {"key": "eks.amazonaws.com/instance-generation", "operator": "Gt", "values": ["4"]},
                    ],
                }
            },
            "limits": {"cpu": str(most_vcpus(services, zones))},
            "disruption": {"consolidationPolicy": "WhenEmptyOrUnderutilized", "consolidateAfter": "1m"},
        },
    }


def target_group_binding(name: str, namespace: str, port: int, target_group_arn: pulumi.Input[str]) -> dict[str, Any]:
    """Fills our target group with the Service's ready pods (Auto Mode's own API group).

    The controller lets nobody change the group of a binding; another port is another group, so it is another binding.
    """
    return {
        "apiVersion": "eks.amazonaws.com/v1",
        "kind": "TargetGroupBinding",
        "metadata": {"name": f"{name}-{port}", "namespace": namespace},
        "spec": {
            "serviceRef": {"name": name, "port": port},
            "targetGroupARN": target_group_arn,
            "targetType": "ip",
        },
    }
