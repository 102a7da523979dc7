"""The machines that EKS Auto Mode needs for a Plan's pods: an estimate that grows with what the pods ask for."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from berth.plan import Plan
from berth.resource_types.charges import items, mapping, number

LEAST: Final = 2
"""Nodes where the Plan says nothing of pods or zones."""
BASE: Final = "m5.large"
"""The type that sizes are counted in: a family's price grows with its size, so 4xlarge costs 8 of it."""
_VCPUS: Final[Mapping[str, int]] = {
    "m5.large": 2,
    "m5.xlarge": 4,
    "m5.2xlarge": 8,
    "m5.4xlarge": 16,
    "m5.8xlarge": 32,
    "m5.12xlarge": 48,
    "m5.16xlarge": 64,
    "m5.24xlarge": 96,
}
_GIB_A_VCPU: Final = 4
# What a node keeps for itself. CPU: 70m of 2 cores, a smaller share of more (amazon-eks-ami, bootstrap.sh). Memory: the
# hypervisor's 7.5 % (Karpenter, VM_MEMORY_OVERHEAD_PERCENT), 255 MiB, 11 MiB for each of 110 pods, and 100 MiB.
_CPU_SHARE: Final = Decimal("0.96")
_MEMORY_SHARE: Final = Decimal("0.925")
_MEMORY_KEPT_GIB: Final = Decimal("1.53")
_DEPLOYMENT: Final = "kubernetes:apps/v1:Deployment"
_AUTOSCALER: Final = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"
_GIB: Final[Mapping[str, Decimal]] = {
    "Ki": Decimal(1) / 1024 / 1024,
    "Mi": Decimal(1) / 1024,
    "Gi": Decimal(1),
    "Ti": Decimal(1024),
}


@dataclass(frozen=True)
class Nodes:
    """So many machines of one type."""

    count: int
    type: str

    @property
    def bases(self) -> Decimal:
        """How many machines of ``BASE`` cost the same."""
        return Decimal(self.count * _VCPUS[self.type]) / _VCPUS[BASE]


@dataclass(frozen=True)
class _Pods:
    cpu: Decimal
    """vCPUs that one asks for."""
    memory: Decimal
    """GiB."""
    count: int

    def a_node(self, vcpus: int) -> int:
        """Return how many fit on a machine of the family with this many vCPUs."""
        cpu = vcpus * _CPU_SHARE
        memory = vcpus * _GIB_A_VCPU * _MEMORY_SHARE - _MEMORY_KEPT_GIB
        return math.floor(min(cpu / self.cpu if self.cpu else 110, memory / self.memory if self.memory else 110, 110))


def nodes(plan: Plan, replicas: int | None = None) -> Nodes | None:
    """Return the fewest machines of the smallest m5 that holds each of the pods, at least one a zone.

    Karpenter may choose another family, and does choose larger machines for many pods; that costs about the same. Each
    Deployment counts with ``replicas`` pods, by default its autoscaler's minimum; a CronJob's pods run for a while
    only, and are charged by their share of a machine. None where a pod's size is not known
    or no machine is large enough.
    """
    pods = list(_pods(plan, replicas))
    if None in pods:
        return None
    known = [one for one in pods if one is not None]
    zones = {item.inputs.get("availabilityZone") for item in plan.of_type("aws:ec2/subnet:Subnet")}
    # Replicas are spread over zones, so there is a machine in each that has one; and one for what is never at rest.
    least = max(1, min(len(zones) or LEAST, sum(one.count for one in known))) if known else LEAST
    for type_, vcpus in _VCPUS.items():
        if all(one.a_node(vcpus) for one in known):
            full = sum((Decimal(one.count) / one.a_node(vcpus) for one in known), Decimal(0))
            return Nodes(max(math.ceil(full), least), type_)
    return None


def _pods(plan: Plan, replicas: int | None) -> Iterator[_Pods | None]:
    minima = {}
    for scaler in plan.of_type(_AUTOSCALER):
        spec = mapping(scaler.inputs.get("spec"))
        minima[mapping(spec.get("scaleTargetRef")).get("name")] = spec.get("minReplicas")
    for deployment in plan.of_type(_DEPLOYMENT):
        spec = mapping(deployment.inputs.get("spec"))
        name = mapping(deployment.inputs.get("metadata")).get("name")
        own = spec.get("replicas", 1)
        # An autoscaler leaves a Deployment without replicas alone.
        count = number(replicas if replicas is not None else 0 if own == 0 else minima.get(name, own))
        size = _size(mapping(mapping(spec.get("template")).get("spec")))
        yield None if count is None or size is None else _Pods(*size, int(count))


def share(pod: object) -> Decimal | None:
    """Return which part of a machine of ``BASE`` a pod takes, above 1 of a larger one; None if it is not known."""
    size = _size(mapping(pod))
    if size is None:
        return None
    vcpus = _VCPUS[BASE]
    return max(size[0] / (vcpus * _CPU_SHARE), size[1] / (vcpus * _GIB_A_VCPU * _MEMORY_SHARE - _MEMORY_KEPT_GIB))


def _size(pod: Mapping[str, Any]) -> tuple[Decimal, Decimal] | None:
    """Return the vCPUs and GiB that a pod asks for, or None where they are not known."""
    initial = items(pod.get("initContainers"))
    sidecars = [one for one in initial if mapping(one).get("restartPolicy") == "Always"]
    beside = [_asked(one) for one in sidecars]
    first = [_asked(one) for one in initial if one not in sidecars]
    sizes = [_asked(container) for container in items(pod.get("containers"))]
    if not sizes or None in (*sizes, *first, *beside):
        return None
    # Init containers run before the others, so the larger of both is asked for; sidecars run beside both
    # (Kubernetes, "Sidecar Containers").
    cpu, memory = (
        max(_sum(sizes, kind), *(_sum([size], kind) for size in first), Decimal(0)) + _sum(beside, kind)
        for kind in (0, 1)
    )
    return cpu, memory


def _sum(sizes: Sequence[tuple[Decimal, Decimal] | None], kind: int) -> Decimal:
    return sum((size[kind] for size in sizes if size), Decimal(0))


def _asked(container: object) -> tuple[Decimal, Decimal] | None:
    """Return the vCPUs and GiB that a container asks for, or None where they are not known."""
    requests = mapping(mapping(mapping(container).get("resources")).get("requests"))
    cpu, memory = str(requests.get("cpu", 0)), str(requests.get("memory", 0))
    cores = number(cpu[:-1]) if cpu.endswith("m") else number(cpu)
    size = number(memory[:-2]) if memory[-2:] in _GIB else number(memory)
    if cores is None or size is None:
        return None
    return cores / 1000 if cpu.endswith("m") else cores, size * _GIB.get(memory[-2:], Decimal(1) / 1024**3)
